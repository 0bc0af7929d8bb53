//! A matrix read whole, for tests.

use std::io::Write;

use text_matrix::{
    Dialect, MatrixError, ReadOptions, Reader, RowBlock, Summary, TextProblem, Values,
};

/// All of a matrix.
#[derive(Debug)]
pub(crate) struct Matrix {
    pub(crate) samples: Vec<String>,
    pub(crate) genes: Vec<String>,
    pub(crate) values: Vec<f64>,
    pub(crate) dialect: Dialect,
    pub(crate) summary: Summary,
}

impl Matrix {
    pub(crate) fn finding(&self, code: &str) -> Option<&str> {
        let found = self.summary.findings.iter().find(|f| f.code == code)?;
        Some(&found.detail)
    }

    pub(crate) fn says(&self, part: &str) -> bool {
        self.dialect
            .describe()
            .iter()
            .any(|said| said.contains(part))
    }
}

pub(crate) fn read(bytes: impl AsRef<[u8]>) -> Result<Matrix, MatrixError> {
    read_as(bytes, &ReadOptions::default())
}

pub(crate) fn read_as(
    bytes: impl AsRef<[u8]>,
    options: &ReadOptions,
) -> Result<Matrix, MatrixError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes.as_ref()).unwrap();
    read_path(file.path(), options)
}

pub(crate) fn read_path(
    path: &std::path::Path,
    options: &ReadOptions,
) -> Result<Matrix, MatrixError> {
    let mut reader = Reader::open(std::fs::File::open(path).unwrap(), "stem", options)?;
    let samples = reader.samples().to_vec();
    let dialect = reader.dialect().clone();
    let (mut genes, mut values) = (Vec::new(), Vec::new());
    while let Some(block) = reader.next_block()? {
        assert_eq!(block.first_row, genes.len() as u64);
        take(&block, samples.len(), &mut genes, &mut values);
        reader.recycle(block.values);
    }
    let summary = reader.finish()?;
    assert_eq!(summary.rows, genes.len() as u64);
    Ok(Matrix {
        samples,
        genes,
        values,
        dialect,
        summary,
    })
}

fn take(block: &RowBlock, samples: usize, genes: &mut Vec<String>, values: &mut Vec<f64>) {
    assert!(!block.genes.is_empty());
    assert_eq!(block.values.len(), block.genes.len() * samples);
    genes.extend(block.genes.iter().map(String::from));
    match &block.values {
        Values::F32(numbers) => values.extend(numbers.iter().map(|n| f64::from(*n))),
        Values::F64(numbers) => values.extend(numbers),
    }
}

pub(crate) fn problems(result: Result<Matrix, MatrixError>) -> Vec<TextProblem> {
    match result {
        Err(MatrixError::Problems { problems, .. }) => {
            assert!(
                problems.is_sorted_by_key(|problem| problem.line),
                "{problems:#?}"
            );
            problems
        }
        other => panic!("problems expected: {other:#?}"),
    }
}

pub(crate) fn refusal(result: Result<Matrix, MatrixError>) -> String {
    match result {
        Err(MatrixError::Refused { reason, help }) => format!("{reason} | {help}"),
        other => panic!("a refusal expected: {other:#?}"),
    }
}

/// A small matrix.
pub(crate) const PLAIN: &str = "gene\tS1\tS2\ng1\t1\t2.5\ng2\t-3\t0\n";

/// That it is read, whatever it is written like.
pub(crate) fn is_plain(text: impl AsRef<[u8]>) -> Matrix {
    let matrix = read(text).unwrap();
    assert_eq!(matrix.samples, ["S1", "S2"]);
    assert_eq!(matrix.genes, ["g1", "g2"]);
    assert_eq!(matrix.values, [1.0, 2.5, -3.0, 0.0]);
    matrix
}

/// What is said of a text that is not read: the first problem or the reason, and the help.
pub(crate) fn said(result: Result<Matrix, MatrixError>) -> String {
    match result {
        Err(error) => format!("{error} | {}", error.help().unwrap_or_default()),
        Ok(matrix) => panic!(
            "an error expected: {:?} {:?}",
            matrix.samples,
            &matrix.genes[..1]
        ),
    }
}
