//! Writes the new layout of a file into a temporary one.

use crate::model::digest::{ContentDigest, Sum, values_root};
use crate::model::layout::{Axis, canonical_paths};
use crate::model::names::form::StringType;
use crate::model::plan::recipe::Recipe;
use crate::model::protocol::failure::FailureKind;
use crate::model::protocol::phase::Phase;
use crate::model::protocol::{MigrateRequest, Migrated};
use crate::worker::chunks::dataset_geometry::{geometry, new_shape};
use crate::worker::chunks::encode::encoded_chunk;
use crate::worker::chunks::encode::encoded_chunk::Slot;
use crate::worker::chunks::encode::reencode;
use crate::worker::chunks::encode::verbatim;
use crate::worker::chunks::encode::written::Written;
use crate::worker::chunks::read::salvage::Salvage;
use crate::worker::chunks::rows::RowSums;
use crate::worker::chunks::thread_pool::ThreadPool;
use crate::worker::digest;
use crate::worker::error::{OfOutput, Result, WorkerError};
use crate::worker::inspect::inventory::{Change, Inventory, user_block};
use crate::worker::inspect::marks::leave_marks;
use crate::worker::names::index::NamesCache;
use crate::worker::names::place::{Matrix, listing};
use crate::worker::names::resolve;
use crate::worker::serve::progress::ProgressSink;
use crate::worker::verify::checksum;
use crate::worker::write::copy_objects::{Layout, NewNames, ObjectCopier};
use crate::worker::write::dimension_scales;
use crate::worker::write::dimension_scales::check_width;
use crate::worker::write::new_values;
use crate::worker::write::new_values::Values;
use crate::worker::write::salvage;
use h5::dataset::Dataset;
use h5::file::File;
use h5::storage::Properties;
use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::FileExt;
use std::rc::Rc;
use std::sync::Arc;
use string_list::StringList;

/// Overwrites `temporary` with the new layout of `source`, closes it, and says what was written.
pub fn migrate(
    source: fs::File,
    temporary: fs::File,
    request: &MigrateRequest,
    report: &mut dyn ProgressSink,
) -> Result<Migrated> {
    report.enter(Phase::Opening);
    let old = File::open(source)?;
    report.enter(Phase::Listing);
    let recipe = &request.recipe;
    let tree = listing(&old, &recipe.matrix)?;
    let expr = Dataset::new(old.object(recipe.matrix.as_bytes())?);
    let pool = ThreadPool::new(request.budget.threads);
    let shape = new_shape(&expr, recipe.transpose)?;
    let migration = Migration {
        matrix: Matrix {
            file: &old,
            tree: &tree,
            path: &recipe.matrix,
            shape: Some(shape),
            charset: recipe.charset,
            cache: &NamesCache::default(),
        },
        expr: &expr,
        request,
        change: &Change::of(recipe, shape),
        salvage: match recipe.salvage {
            true => salvage::rule(&expr)?,
            false => None,
        },
        pool: &pool,
    };
    report.enter(Phase::WritingValues);
    let values = migration.choose_values(report)?;
    let (properties, written_as) = new_values::storage(&expr, &values)?;
    let new = File::create(temporary, Some(&old)).of_output()?;
    let (mut parts, nodes, written) = migration.write_values(&new, &values, properties, report)?;
    let byte_ranges = written.byte_ranges(&parts.expr)?;
    parts.expr.close().of_output()?;
    let salvaged = salvage::found(
        migration.salvage.as_ref(),
        &expr,
        &parts.genes,
        &parts.samples,
    )?;

    report.enter(Phase::CarryingOver);
    let digest = ContentDigest {
        values: values_root(&nodes),
        genes: parts.sums[0],
        samples: parts.sums[1],
        rest: parts.rest,
    };
    migration.write_rest(&new, &mut parts.copier, report)?;
    leave_marks(&new, &digest)?;
    salvage::leave_mark(&old, &new, salvaged.as_ref())?;
    drop(parts.copier);

    report.enter(Phase::Closing);
    let descriptor = close(new, &user_block(&old)?)?;
    let crc32 = checksum::of_new_file(&descriptor, byte_ranges, &pool)?;
    Ok(Migrated {
        written_as,
        digest,
        salvaged,
        crc32,
    })
}

/// What all phases need of the old file and the request.
struct Migration<'a> {
    matrix: Matrix<'a>,
    expr: &'a Dataset,
    request: &'a MigrateRequest,
    change: &'a Change,
    salvage: Option<Salvage>,
    pool: &'a ThreadPool,
}

/// What is there before the first chunk is written.
struct NewFileParts<'a> {
    copier: ObjectCopier<'a>,
    expr: Dataset,
    genes: Rc<StringList>,
    samples: Rc<StringList>,
    /// Of genes and samples.
    sums: [Sum; 2],
    rest: Sum,
}

impl<'a> Migration<'a> {
    fn recipe(&self) -> &'a Recipe {
        &self.request.recipe
    }

    /// How the values get into the new file.
    fn choose_values(&self, report: &mut dyn ProgressSink) -> Result<Values<'_>> {
        new_values::choose(
            self.matrix.file,
            self.expr,
            self.recipe(),
            self.request.budget.bytes,
            self.salvage.as_ref(),
            self.pool,
            report,
        )
        .map_err(|error| self.explained(error))
    }

    /// Adds to an error about a chunk which genes and samples it holds.
    fn explained(&self, error: WorkerError) -> WorkerError {
        if error.chunk.is_none() {
            return error;
        }
        let recipe = self.recipe();
        // The error is told in any case: names that cannot be had make it less precise.
        let names =
            Axis::BOTH.map(|axis| resolve::of_axis(self.matrix, axis, recipe).unwrap_or_default());
        salvage::explained(
            error.naming(&names[0], &names[1]),
            self.expr,
            recipe.salvage,
        )
    }

    /// Writes everything that comes before the values, and then the values. Returns the sums of the rows, too.
    fn write_values<'n>(
        &'n self,
        new: &'n File,
        values: &Values<'_>,
        properties: Properties,
        report: &mut dyn ProgressSink,
    ) -> Result<(NewFileParts<'n>, Vec<Sum>, Written)> {
        let report = RefCell::new(report);
        // While the first values are encoded.
        let begin = || self.begin(new, properties, &mut **report.borrow_mut());
        let mut written = Written::default();
        let write = |parts: &NewFileParts<'_>, slots: &[Slot]| {
            encoded_chunk::write(&parts.expr, slots, &mut written)
        };
        let advance = |bytes| report.borrow_mut().advance(bytes);
        let (parts, nodes) = match values {
            Values::Empty => {
                let geometry = geometry(self.expr)?;
                let nodes = RowSums::new(geometry).finish(geometry.rows);
                begin().map(|parts| (parts, nodes))
            }
            Values::Verbatim(store) => {
                let geometry = geometry(self.expr)?;
                let salvage = self.salvage.as_ref();
                verbatim::copy(store, geometry, salvage, self.pool, begin, write, advance)
            }
            Values::Recoded(recoded) => {
                let (reader, target) = &**recoded;
                reencode::reencode(reader, target, self.pool, begin, write, advance)
            }
        }
        .map_err(|error| self.explained(error))?;
        Ok((parts, nodes, written))
    }

    /// Makes groups, names and an empty matrix.
    fn begin<'n>(
        &'n self,
        new: &'n File,
        properties: Properties,
        report: &mut dyn ProgressSink,
    ) -> Result<NewFileParts<'n>> {
        let (matrix, recipe) = (self.matrix, self.recipe());
        report.enter(Phase::ReadingNames);
        let [genes, samples] = select_names(matrix, self.request)?;
        report.enter(Phase::Listing);
        let mut inventory = Inventory::of(matrix.file, matrix.tree, self.change, report)?;
        if let Some(name) = recipe.form.scales {
            inventory.expect(&dimension_scales::attributes(name));
        }
        report.enter(Phase::CarryingOver);
        let layout = Layout {
            expr: Some(properties),
            genes: genes.new,
            samples: samples.new,
            string_type: recipe.form.string_type,
        };
        let mut copier = ObjectCopier::new(matrix.file, matrix.tree, new, self.change, layout);
        copier.structure(report)?;
        report.enter(Phase::WritingValues);
        Ok(NewFileParts {
            copier,
            expr: Dataset::new(new.object(canonical_paths()[0]).of_output()?),
            sums: [&genes.texts, &samples.texts].map(|texts| digest::names_sum(texts.iter())),
            rest: inventory.sum(),
            genes: genes.texts,
            samples: samples.texts,
        })
    }

    /// Writes the contents of all other objects, the counts, and the scales.
    fn write_rest(
        &self,
        new: &File,
        copier: &mut ObjectCopier<'_>,
        report: &mut dyn ProgressSink,
    ) -> Result<()> {
        copier.contents(report)?;
        let expr = new.object(canonical_paths()[0]).of_output()?;
        self.change.write_counts(&expr).of_output()?;
        expr.close("closing /expr").of_output()?;
        if let Some(name) = self.recipe().form.scales {
            dimension_scales::attach(new, name)?;
        }
        Ok(())
    }
}

/// Closes the new file and writes the user block of the old one, which the library leaves empty.
fn close(new: File, user_block: &[u8]) -> Result<Arc<fs::File>> {
    let descriptor = new.close().of_output()?;
    descriptor.write_all_at(user_block, 0).map_err(|error| {
        WorkerError::new(
            FailureKind::Output,
            format!("writing the user block: {error}"),
        )
    })?;
    Ok(descriptor)
}

/// Names of an axis: their text, and what becomes of them in the new file.
struct Chosen {
    texts: Rc<StringList>,
    new: NewNames,
}

/// The names that the new file gets.
fn select_names(matrix: Matrix<'_>, request: &MigrateRequest) -> Result<[Chosen; 2]> {
    let recipe = &request.recipe;
    let is_kept = |axis: &Axis| recipe.kept_datasets.contains(axis);
    // Datasets that are copied are read through the library in any case: once is enough.
    let plain = match Axis::BOTH.iter().all(is_kept) {
        true => resolve::plain_file_names(matrix, recipe),
        false => None,
    };
    let [genes, samples] = match plain {
        Some(both) => both.map(Ok),
        None => Axis::BOTH.map(|axis| resolve::of_axis(matrix, axis, recipe)),
    };
    let chosen = |axis, texts: StringList| -> Result<Chosen> {
        if recipe.form.string_type == StringType::Fixed {
            check_width(texts.iter(), request.budget.bytes, axis)?;
        }
        let texts = Rc::new(texts);
        let new = match is_kept(&axis) {
            true => NewNames::AsTheyAre,
            false => NewNames::Written(Rc::clone(&texts)),
        };
        Ok(Chosen { texts, new })
    };
    Ok([
        chosen(Axis::Genes, genes?)?,
        chosen(Axis::Samples, samples?)?,
    ])
}
