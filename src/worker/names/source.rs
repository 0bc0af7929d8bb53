//! Files that were given for their names: what they have.

use crate::model::layout::Axis;
use crate::model::names::rules::Rules;
use crate::model::names::source::SourceNames;
use crate::model::plan::policy::Charset;
use crate::model::protocol::failure::FailureKind;
use crate::model::protocol::phase::Phase;
use crate::worker::chunks::dataset_geometry::geometry;
use crate::worker::chunks::thread_pool::ThreadPool;
use crate::worker::error::{Result, WorkerError};
use crate::worker::names::Names;
use crate::worker::names::index::NamesCache;
use crate::worker::names::place::{Matrix, listing};
use crate::worker::names::search::find;
use crate::worker::open_file;
use crate::worker::serve::progress::ProgressSink;
use h5::dataset::Dataset;
use h5::file::File;
use std::fs;
use std::io::{Seek, SeekFrom};
use string_list::StringList;
use text_matrix::options::{ReadOptions, ValueType};
use text_matrix::read_list;

/// The names in a text, a list or a matrix, and how a list was read.
pub(crate) fn read_text(
    mut file: fs::File,
    threads: usize,
    report: &mut dyn ProgressSink,
) -> Result<(SourceNames, Vec<String>)> {
    report.enter(Phase::ReadingText);
    let is_file = open_file::is_regular(&file).is_ok_and(|is_regular| is_regular);
    let copy = file.try_clone().map_err(|error| unreadable(&error))?;
    if let Some(list) = read_list(copy)? {
        return Ok((SourceNames::List { names: list.names }, list.notes));
    }
    if !is_file {
        let why = "it is a matrix that comes through a pipe, and its values have to be read for each file; save it first";
        return Err(refused(why.to_string()));
    }
    file.seek(SeekFrom::Start(0))
        .map_err(|error| unreadable(&error))?;
    let pool = ThreadPool::pooled(threads)?;
    let mut text = open_text(file, &pool)?;
    let samples = text.samples().to_vec();
    let mut genes = Vec::new();
    while let Some(block) = pool.install(|| text.next_block())? {
        genes.extend(block.genes.iter().map(str::to_string));
        report.live();
        text.recycle(block.values);
    }
    text.finish()?;
    let names = SourceNames::Matrix {
        shape: [genes.len() as u64, samples.len() as u64],
        genes: Some(genes),
        samples: Some(samples),
    };
    Ok((names, Vec::new()))
}

/// The names in an HDF5 file.
pub(crate) fn read_hdf5(
    file: fs::File,
    rules: &Rules,
    charset: Charset,
    report: &mut dyn ProgressSink,
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
        cache: &NamesCache::default(),
    };
    let found = find(matrix, rules, report)?;
    let mut names = Vec::new();
    for (axis, lists) in Axis::BOTH.into_iter().zip(found) {
        let fits = |texts: &StringList| texts.len() as u64 == shape[axis.index()];
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

pub(crate) fn expr_of(file: &File, matrix: &str) -> Result<Dataset> {
    let object = file.root()?.at(matrix.as_bytes())?;
    object
        .map(Dataset::new)
        .ok_or_else(|| refused(format!("there is no {matrix} in it")))
}

pub(crate) fn open_text(file: fs::File, pool: &ThreadPool) -> Result<text_matrix::Reader> {
    let options = ReadOptions {
        values: ValueType::F64,
        ..ReadOptions::default()
    };
    Ok(pool.install(|| text_matrix::Reader::open(file, "", &options))?)
}

fn unreadable(error: &std::io::Error) -> WorkerError {
    WorkerError::new(FailureKind::Open, error.to_string())
}

pub(crate) fn refused(why: String) -> WorkerError {
    WorkerError::new(FailureKind::Unsupported, why)
}
