//! Files that were given for their names: what they have, and whether their values are those of a
//! file that has lost its own.

use super::fault::{Fault, Result};
use super::names::Names;
use super::place::{Checked, Matrix, listing};
use super::progress::Report;
use super::search::find;
use super::values::dataset_geometry::geometry;
use super::values::pass::Pass;
use super::values::reader::{Reader, Route};
use super::values::team::Team;
use super::values::window::Window;
use crate::h5::dataset::Dataset;
use crate::h5::dtype::{Dtype, Kind, Order};
use crate::h5::file::File;
use crate::matrix::{self, Values, read_list};
use crate::model::failure::FailureKind;
use crate::model::layout::Axis;
use crate::model::name_source::SourceNames;
use crate::model::phase::Phase;
use crate::model::policy::Charset;
use crate::model::rules::Rules;
use crate::model::texts::Texts;
use crate::model::wishes::{ValueType, Wishes};
use std::fs;
use std::io::{Seek, SeekFrom};

/// The names in a text: a list, or a matrix.
pub fn read_text(
    mut file: fs::File,
    threads: usize,
    report: &mut dyn Report,
) -> Result<SourceNames> {
    report.enter(Phase::ReadingText);
    let copy = file.try_clone().map_err(|error| unreadable(&error))?;
    if let Some(names) = read_list(copy)? {
        return Ok(SourceNames::List { names });
    }
    file.seek(SeekFrom::Start(0))
        .map_err(|error| unreadable(&error))?;
    let team = Team::pooled(threads)?;
    let mut text = open_text(file, &team)?;
    let samples = text.samples().to_vec();
    let mut genes = Vec::new();
    while let Some(block) = team.install(|| text.next_block())? {
        genes.extend(block.genes.iter().map(str::to_string));
        report.live();
        text.recycle(block);
    }
    text.finish()?;
    Ok(SourceNames::Matrix {
        shape: [genes.len() as u64, samples.len() as u64],
        genes: Some(genes),
        samples: Some(samples),
    })
}

/// The names in an HDF5 file.
pub fn read_hdf5(
    file: fs::File,
    rules: &Rules,
    charset: Charset,
    report: &mut dyn Report,
) -> Result<SourceNames> {
    report.enter(Phase::Opening);
    let file = File::open(file)?;
    let expr = expr_of(&file, rules.matrix())?;
    let tree = listing(&file, rules.matrix())?;
    let rows = geometry(&expr)?;
    let shape = [rows.rows, rows.columns];
    report.enter(Phase::ReadingNames);
    let matrix = Matrix {
        file: &file,
        tree: &tree,
        path: rules.matrix(),
        shape: Some(shape),
        charset,
        checked: &Checked::default(),
    };
    let found = find(matrix, rules)?;
    let mut names = Vec::new();
    for (axis, lists) in Axis::BOTH.into_iter().zip(found) {
        let fits = |texts: &Texts| texts.len() as u64 == shape[axis.index()];
        let mut usable = lists
            .into_iter()
            .map(|list| list.names)
            .filter(Names::is_list)
            .filter(|names| fits(&names.texts));
        let Some(first) = usable.next() else {
            names.push(None);
            continue;
        };
        if usable.any(|other| other.texts != first.texts) {
            return Err(refused(format!("its own {} names differ", axis.noun())));
        }
        let texts: Option<Vec<String>> = first
            .texts
            .iter()
            .map(|text| String::from_utf8(text.to_vec()).ok())
            .collect();
        names.push(texts);
    }
    let samples = names.pop().flatten();
    Ok(SourceNames::Matrix {
        shape,
        genes: names.pop().flatten(),
        samples,
    })
}

fn expr_of(file: &File, matrix: &str) -> Result<Dataset> {
    let object = file.root()?.at(matrix.as_bytes())?;
    object
        .map(Dataset::new)
        .ok_or_else(|| refused(format!("there is no {matrix} in it")))
}

/// A matrix whose values are wanted.
pub struct Nameless<'a> {
    file: File,
    expr_path: &'a str,
    team: Team,
    limit: u64,
}

impl<'a> Nameless<'a> {
    /// Opens it.
    pub fn open(file: fs::File, expr_path: &'a str, threads: usize, limit: u64) -> Result<Self> {
        Ok(Nameless {
            file: File::open(file)?,
            expr_path,
            team: Team::pooled(threads)?,
            limit,
        })
    }

    /// Holds every value against those of a text, rounded to the type of the matrix.
    pub fn agrees_with_text(&self, text: fs::File, report: &mut dyn Report) -> Result<()> {
        report.enter(Phase::ComparingValues);
        let expr = expr_of(&self.file, self.expr_path)?;
        let numbers = Numbers::of(&expr.dtype()?)?;
        let reader = Reader::new(&self.file, &expr, Route::Fastest, self.limit)?;
        let geometry = reader.geometry();
        let mut text = open_text(text, &self.team)?;
        while let Some(block) = self.team.install(|| text.next_block())? {
            let first = block.first_row;
            let rows = first..(first + block.genes.len() as u64).min(geometry.rows);
            let Values::F64(values) = &block.values else {
                return Err(refused("its values came as another type".to_string()));
            };
            let width = usize::try_from(geometry.columns)
                .unwrap_or(usize::MAX)
                .max(1);
            let pass = Pass {
                team: &self.team,
                sources: &[&reader],
                blocks: geometry,
                rows,
                limit: self.limit,
            };
            let hold = |window: &Window, ours: &mut [Vec<u8>]| {
                let start = usize::try_from(window.rows.start - first).unwrap_or(usize::MAX);
                let rows = ours[0].chunks(row_bytes(window, &numbers));
                for (row, ours) in rows.enumerate() {
                    let theirs = &values[(start + row) * width..][..width];
                    let part = &theirs[column(window.columns.start)..column(window.columns.end)];
                    numbers.hold(ours, part.iter().copied()).map_err(|at| {
                        different(window.rows.start + row as u64, window.columns.start + at)
                    })?;
                }
                Ok(())
            };
            pass.each(hold, report)?;
            text.recycle(block);
        }
        Ok(())
    }

    /// Holds every value against those of another file.
    pub fn agrees_with(
        &self,
        other: fs::File,
        matrix: &str,
        report: &mut dyn Report,
    ) -> Result<()> {
        report.enter(Phase::ComparingValues);
        let other = File::open(other)?;
        let (ours, theirs) = (
            expr_of(&self.file, self.expr_path)?,
            expr_of(&other, matrix)?,
        );
        let types = [Numbers::of(&ours.dtype()?)?, Numbers::of(&theirs.dtype()?)?];
        let readers = [
            Reader::new(&self.file, &ours, Route::Fastest, self.limit)?,
            Reader::new(&other, &theirs, Route::Fastest, self.limit)?,
        ];
        let geometry = readers[0].geometry();
        let blocks = geometry.spanning(readers[1].span());
        let pass = Pass {
            team: &self.team,
            sources: &[&readers[0], &readers[1]],
            blocks,
            rows: 0..geometry.rows,
            limit: self.limit,
        };
        let hold = |window: &Window, values: &mut [Vec<u8>]| {
            let others = types[1].values(&values[1]);
            types[0].hold(&values[0], others).map_err(|at| {
                let width = window.width().max(1);
                different(
                    window.rows.start + at / width,
                    window.columns.start + at % width,
                )
            })?;
            Ok(())
        };
        pass.each(hold, report)?;
        Ok(())
    }
}

fn row_bytes(window: &Window, numbers: &Numbers) -> usize {
    usize::try_from(window.width()).unwrap_or(usize::MAX) * numbers.item
}

fn column(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn open_text(file: fs::File, team: &Team) -> Result<matrix::Reader> {
    let wishes = Wishes {
        values: ValueType::F64,
        ..Wishes::default()
    };
    Ok(team.install(|| matrix::Reader::open(file, "", &wishes))?)
}

fn unreadable(error: &std::io::Error) -> Fault {
    Fault::new(FailureKind::Open, error.to_string())
}

fn refused(why: String) -> Fault {
    Fault::new(FailureKind::Unsupported, why)
}

fn different(row: u64, column: u64) -> Fault {
    Fault::mismatch(format!("their values differ at row {row}, column {column}"))
}

/// How elements are numbers.
struct Numbers {
    item: usize,
    kind: NumberKind,
    order: Order,
}

#[derive(Clone, Copy)]
enum NumberKind {
    Float,
    Signed,
    Unsigned,
}

impl Numbers {
    fn of(dtype: &Dtype) -> Result<Self> {
        let unknown = || refused(format!("values of type {} are not compared", dtype.numpy()));
        let (kind, order) = match &dtype.kind {
            Kind::Float { order, .. } if matches!(dtype.size, 4 | 8) => (NumberKind::Float, *order),
            Kind::Integer { signed, order, .. } if matches!(dtype.size, 1 | 2 | 4 | 8) => {
                let kind = match signed {
                    true => NumberKind::Signed,
                    false => NumberKind::Unsigned,
                };
                (kind, *order)
            }
            _ => return Err(unknown()),
        };
        if !dtype.is_standard() {
            return Err(unknown());
        }
        Ok(Numbers {
            item: dtype.size,
            kind,
            order,
        })
    }

    fn values<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = f64> + 'a {
        bytes.chunks_exact(self.item).map(|item| self.value(item))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "beyond 2^53 neighbours are equal here, which never turns one list into another"
    )]
    fn value(&self, item: &[u8]) -> f64 {
        let mut wide = [0_u8; 8];
        wide[..item.len()].copy_from_slice(item);
        if self.order == Order::Big {
            wide[..item.len()].reverse();
        }
        let bits = u64::from_le_bytes(wide);
        let unused = 64 - 8 * u32::try_from(item.len()).unwrap_or(8);
        match (self.kind, item.len()) {
            (NumberKind::Float, 4) => {
                f64::from(f32::from_le_bytes([wide[0], wide[1], wide[2], wide[3]]))
            }
            (NumberKind::Float, _) => f64::from_bits(bits),
            (NumberKind::Signed, _) => (bits.cast_signed() << unused >> unused) as f64,
            (NumberKind::Unsigned, _) => bits as f64,
        }
    }

    /// The position of the first value that is another one. Both are held against each other as the
    /// narrower type has them: a float32 is the float64 that it was rounded from.
    fn hold(&self, ours: &[u8], theirs: impl Iterator<Item = f64>) -> std::result::Result<(), u64> {
        let narrow = matches!((self.kind, self.item), (NumberKind::Float, 4));
        let pairs = self.values(ours).zip(theirs);
        for (position, (a, b)) in pairs.enumerate() {
            #[expect(clippy::cast_possible_truncation, reason = "rounded as the matrix was")]
            let same = match narrow {
                true => a == f64::from(b as f32),
                false => a == b || a == f64::from(b as f32),
            };
            if !(same || a.is_nan() && b.is_nan()) {
                return Err(position as u64);
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Nameless<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Nameless")
            .field("matrix", &self.expr_path)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_size_and_order() {
        let value = |kind, order, bytes: &[u8]| {
            let numbers = Numbers {
                item: bytes.len(),
                kind,
                order,
            };
            numbers.value(bytes)
        };
        use NumberKind::{Float, Signed, Unsigned};
        assert_eq!(value(Float, Order::Little, &1.5_f32.to_le_bytes()), 1.5);
        assert_eq!(value(Float, Order::Big, &(-2.5_f64).to_be_bytes()), -2.5);
        assert_eq!(value(Signed, Order::Big, &(-3_i16).to_be_bytes()), -3.0);
        assert_eq!(value(Signed, Order::Little, &[0xff]), -1.0);
        assert_eq!(value(Unsigned, Order::Little, &[0xff]), 255.0);
    }

    #[test]
    fn a_float32_is_the_number_that_it_was_rounded_from() {
        let numbers = Numbers {
            item: 4,
            kind: NumberKind::Float,
            order: Order::Little,
        };
        let ours: Vec<u8> = [0.1_f32, f32::NAN]
            .iter()
            .flat_map(|x| x.to_le_bytes())
            .collect();
        assert_eq!(numbers.hold(&ours, [0.1, f64::NAN].into_iter()), Ok(()));
        assert_eq!(numbers.hold(&ours, [0.1, 0.0].into_iter()), Err(1));
        assert_eq!(numbers.hold(&ours, [0.101, f64::NAN].into_iter()), Err(0));
    }
}
