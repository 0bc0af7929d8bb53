//! Names as dimension scales of `/expr`: written, expected and found.
//!
//! What is expected is spelled here and not read from what was written, so that the proof is one.

use crate::model::facts::ScaleFacts;
use crate::model::layout::{Axis, c_name, canonical_paths};
use crate::model::names::form::ScaleName;
use crate::model::protocol::failure::FailureKind;
use crate::worker::error::{OfOutput, Result, WorkerError};
use crate::worker::inspect::inventory::{Inventory, Spelled, namer};
use h5::attribute::{Attribute, read_text};
use h5::dataset::Dataset;
use h5::dataspace::Extent;
use h5::dimension_scale::{
    BACK_REFERENCE, CLASS, DIMENSION_LIST, NAME, REFERENCE_LIST, SCALE, Scale, attach_scales,
};
use h5::dtype::{Dtype, Member, Order, Padding, TextType, TypeClass};
use h5::file::File;
use h5::object::Object;
use h5::tree::Tree;
use std::ffi::CStr;

/// Makes the names of a new file scales of its `/expr`.
pub(crate) fn attach(new: &File, name: ScaleName) -> Result<()> {
    let [expr, genes, samples] = canonical_paths();
    let called = Axis::BOTH.map(|axis| c_name(name.of(axis)));
    let scales = [genes, samples].into_iter().zip(&called);
    let scales: Vec<Scale<'_>> = scales.map(|(path, name)| Scale { path, name }).collect();
    attach_scales(new, expr, &scales).of_output()
}

/// The attributes that [`attach`] adds.
pub(crate) fn attributes(name: ScaleName) -> Vec<Spelled<'static>> {
    let [expr, genes, samples] = canonical_paths();
    let mut all = vec![Spelled {
        path: expr,
        name: DIMENSION_LIST,
        utf8_name: false,
        dtype: Dtype {
            size: 16,
            kind: TypeClass::Sequence(Box::new(reference_type())),
        },
        extent: Extent::fixed(&[2]),
        value: spelled_list(),
    }];
    for (dimension, (axis, path)) in (0_u32..).zip(Axis::BOTH.into_iter().zip([genes, samples])) {
        all.push(text(path, CLASS, SCALE));
        all.push(text(path, NAME, &c_name(name.of(axis))));
        let mut value = counted(expr);
        value.extend(dimension.to_le_bytes());
        all.push(Spelled {
            path,
            name: REFERENCE_LIST,
            utf8_name: false,
            dtype: back_reference_type(),
            extent: Extent::fixed(&[1]),
            value,
        });
    }
    all
}

/// Which scales a new file has and its old one has not. They still have to be exactly right.
pub(crate) fn added(old: &Inventory, new: &Inventory) -> Option<ScaleName> {
    let has_list =
        |inventory: &Inventory| inventory.has_attribute(canonical_paths()[0], DIMENSION_LIST);
    if has_list(old) || !has_list(new) {
        return None;
    }
    let is_there = |name: &ScaleName| attributes(*name).iter().all(|it| new.holds(it));
    Some(
        ScaleName::ALL
            .into_iter()
            .find(is_there)
            .unwrap_or(ScaleName::Dimnames),
    )
}

/// What there is in a file of scales of its matrix.
pub(crate) fn found(file: &File, tree: &Tree, root: &Object, expr: &Dataset) -> Result<ScaleFacts> {
    let mut are_scales = Vec::new();
    for axis in Axis::BOTH {
        are_scales.push(taken(root, axis)?);
    }
    let Some(list) = Attribute::find(expr.object(), DIMENSION_LIST)? else {
        let taken = are_scales
            .iter()
            .zip(Axis::BOTH)
            .find_map(|(taken, axis)| match taken {
                ScaleAttributes::Free => None,
                ScaleAttributes::Scale => Some(format!(
                    "/{} is a dimension scale already, but not of /expr",
                    axis.names()
                )),
                ScaleAttributes::Other(attribute) => Some(format!(
                    "/{} has an attribute {attribute} of its own",
                    axis.names()
                )),
            });
        return Ok(taken.map_or(ScaleFacts::Absent, ScaleFacts::Others));
    };
    let mut value: Vec<u8> = Vec::new();
    let spelled = list
        .read()?
        .canonical(file, &namer(tree), &mut |bytes| value.extend(bytes));
    let all_scales = are_scales
        .iter()
        .all(|taken| matches!(taken, ScaleAttributes::Scale));
    Ok(match spelled {
        Ok(()) if value == spelled_list() && all_scales => ScaleFacts::Names,
        Ok(()) => ScaleFacts::Others("/expr has dimension scales already".to_string()),
        Err(error) => ScaleFacts::Others(format!(
            "/expr has dimension scales that cannot be followed: {error}"
        )),
    })
}

/// What stands on a dataset of names where the attributes of a scale would be.
enum ScaleAttributes {
    Free,
    Scale,
    Other(&'static str),
}

fn taken(root: &Object, axis: Axis) -> Result<ScaleAttributes> {
    use h5::link::LinkTarget;
    let name = c_name(axis.names());
    if !root.has_link(&name)? || root.link(&name)?.target != LinkTarget::Hard {
        return Ok(ScaleAttributes::Free);
    }
    let names = root.child(&name)?;
    if read_text(&names, CLASS)?.as_deref().map(str::as_bytes) == Some(SCALE.to_bytes()) {
        return Ok(ScaleAttributes::Scale);
    }
    for (attribute, shown) in [
        (CLASS, "CLASS"),
        (NAME, "NAME"),
        (REFERENCE_LIST, "REFERENCE_LIST"),
    ] {
        if Attribute::find(&names, attribute)?.is_some() {
            return Ok(ScaleAttributes::Other(shown));
        }
    }
    Ok(ScaleAttributes::Free)
}

/// Names of fixed length are all as long as the longest one: one outlier could fill a disk.
pub(crate) fn check_width(
    names: impl ExactSizeIterator<Item: AsRef<[u8]>>,
    limit: u64,
    axis: Axis,
) -> Result<()> {
    let count = names.len();
    let longest = names.map(|name| name.as_ref().len()).max().unwrap_or(0);
    let bytes = (longest as u64).saturating_mul(count as u64);
    if bytes <= limit {
        return Ok(());
    }
    let message = format!(
        "/{} as fixed-length text takes {bytes} bytes, because one of {count} names has {longest}",
        axis.names(),
    );
    Err(WorkerError::new(FailureKind::Memory, message)
        .with_help("use --string-type variable, or give workers more memory"))
}

fn counted(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u64).to_le_bytes(), bytes].concat()
}

/// One scale for each dimension: the genes' and the samples'.
fn spelled_list() -> Vec<u8> {
    let one = 1_u64.to_le_bytes();
    canonical_paths()[1..]
        .iter()
        .flat_map(|path| [&one[..], &counted(path)].concat())
        .collect()
}

fn text(path: &'static [u8], name: &'static CStr, text: &CStr) -> Spelled<'static> {
    let value = text.to_bytes_with_nul().to_vec();
    Spelled {
        path,
        name,
        utf8_name: false,
        dtype: Dtype {
            size: value.len(),
            kind: TypeClass::Text(TextType {
                variable: false,
                padding: Padding::NullTerminated,
                utf8: false,
            }),
        },
        extent: Extent::fixed(&[]),
        value,
    }
}

fn reference_type() -> Dtype {
    Dtype {
        size: 8,
        kind: TypeClass::ObjectReference,
    }
}

fn back_reference_type() -> Dtype {
    let field = |name: &[u8], offset, dtype| Member {
        name: name.to_vec(),
        offset,
        dtype,
    };
    let number = Dtype {
        size: 4,
        kind: TypeClass::Integer {
            signed: false,
            order: Order::Little,
            layout: "order 0 bits 0+32 pad 0 0".to_string(),
        },
    };
    Dtype {
        size: BACK_REFERENCE,
        kind: TypeClass::Compound(vec![
            field(b"dataset", 0, reference_type()),
            field(b"dimension", 8, number),
        ]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::names::form::StringType;
    use crate::worker::inspect::inventory::Change;
    use crate::worker::serve::progress::ProgressSink;
    use h5::link::Link;
    use h5::storage::Properties;

    struct Silent;

    impl ProgressSink for Silent {
        fn enter(&mut self, _phase: crate::model::protocol::phase::Phase) {}
        fn advance(&mut self, _bytes: u64) {}
        fn live(&mut self) {}
    }

    fn new_file(string_type: StringType) -> File {
        // HDF5 wants a file that has a name when it is opened; later it does not.
        let named = tempfile::NamedTempFile::new().unwrap();
        let file = File::create(named.reopen().unwrap(), None).unwrap();
        let root = file.root().unwrap();
        let storage = Properties::contiguous().unwrap();
        Dataset::create_matrix(&root, &Link::hard("expr"), 4, [2, 1], &storage).unwrap();
        for (axis, names) in [(Axis::Genes, vec!["TP53", ""]), (Axis::Samples, vec!["ä"])] {
            Dataset::create_names(&root, &Link::hard(axis.names()), names.iter(), string_type)
                .unwrap();
        }
        file
    }

    fn inventory(file: &File) -> Inventory {
        let tree = Tree::of(file, &canonical_paths()).unwrap();
        Inventory::of(file, &tree, &Change::none(), &mut Silent).unwrap()
    }

    fn facts(file: &File) -> ScaleFacts {
        let tree = Tree::of(file, &canonical_paths()).unwrap();
        let expr = Dataset::new(file.object(b"/expr").unwrap());
        found(file, &tree, &file.root().unwrap(), &expr).unwrap()
    }

    #[test]
    fn what_is_written_is_what_is_expected() {
        for name in ScaleName::ALL {
            let file = new_file(StringType::Variable);
            let mut expected = inventory(&file);
            expected.expect(&attributes(name));
            attach(&file, name).unwrap();
            assert_eq!(expected.differences(&inventory(&file)), [""; 0]);
        }
    }

    #[test]
    fn what_was_added_is_told_by_its_name() {
        for name in ScaleName::ALL {
            let file = new_file(StringType::Fixed);
            let old = inventory(&file);
            assert_eq!(added(&old, &old), None);
            attach(&file, name).unwrap();
            assert_eq!(added(&old, &inventory(&file)), Some(name));
            assert_eq!(added(&inventory(&file), &inventory(&file)), None);
        }
    }

    #[test]
    fn scales_are_found_where_they_were_made() {
        let file = new_file(StringType::Fixed);
        assert_eq!(facts(&file), ScaleFacts::Absent);
        attach(&file, ScaleName::Own).unwrap();
        assert_eq!(facts(&file), ScaleFacts::Names);
    }

    #[test]
    fn an_attribute_in_their_place_is_told() {
        let file = new_file(StringType::Variable);
        let genes = file.object(b"/gene_names").unwrap();
        Attribute::create_text(&genes, NAME, "mine").unwrap();
        assert_eq!(
            facts(&file),
            ScaleFacts::Others("/gene_names has an attribute NAME of its own".to_string())
        );
    }

    #[test]
    fn one_long_name_among_many_is_too_much() {
        let names = [vec![b'a'; 100], vec![], vec![]];
        assert!(check_width(names.iter(), 300, Axis::Genes).is_ok());
        let error = check_width(names.iter(), 299, Axis::Genes).unwrap_err();
        assert_eq!(error.kind, FailureKind::Memory);
        assert!(check_width([""; 0].iter(), 0, Axis::Genes).is_ok());
    }
}
