//! Samples that are rows, as in a table that is to be turned round: their names are known when all rows were read.

use std::collections::HashMap;

use crate::detect::header::add_suffixes;
use crate::names::Names;
use crate::options::Duplicates;
use crate::problem::{MatrixError, quoted};

/// The names of the samples, one from each row, when those that share a name are treated as `option` says.
///
/// # Errors
/// Two rows have the same name, and `option` does not say what to do about it.
pub fn distinct_rows(names: Names, option: Duplicates) -> Result<Names, MatrixError> {
    if option == Duplicates::Keep {
        return Ok(names);
    }
    let mut first_of: HashMap<&str, usize> = HashMap::with_capacity(names.len());
    let mut again = Vec::new();
    for (row, name) in names.iter().enumerate() {
        match first_of.get(name) {
            Some(first) => again.push((row, *first)),
            None => {
                first_of.insert(name, row);
            }
        }
    }
    let Some((row, first)) = again.first().copied() else {
        return Ok(names);
    };
    if option == Duplicates::Error {
        let name = quoted(names.get(row).unwrap_or_default().as_bytes());
        return Err(MatrixError::refused(
            format!(
                "{} of {} rows have the name of another sample: {name} is the name of rows {} and {}",
                again.len(),
                names.len(),
                first + 1,
                row + 1
            ),
            "rename one, or --duplicates keep, or --duplicates suffix; if rows are genes, leave --transpose out",
        ));
    }
    let mut samples: Vec<String> = names.iter().map(str::to_string).collect();
    add_suffixes(&mut samples, again.into_iter().map(|(row, _)| row));
    let mut distinct = Names::default();
    for name in &samples {
        distinct.push(name);
    }
    Ok(distinct)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distinct(names: &[&str], option: Duplicates) -> Result<Vec<String>, MatrixError> {
        let mut all = Names::default();
        names.iter().for_each(|name| all.push(name));
        distinct_rows(all, option).map(|names| names.iter().map(str::to_string).collect())
    }

    #[test]
    fn rows_of_one_name_are_an_error_unless_asked_for() {
        let twice = ["A", "B", "A"];
        let error = distinct(&twice, Duplicates::Error).unwrap_err();
        assert!(error.to_string().contains("rows 1 and 3"), "{error}");
        assert!(error.help().unwrap().contains("--duplicates suffix"));
        assert_eq!(distinct(&twice, Duplicates::Keep).unwrap(), twice);
        assert_eq!(
            distinct(&twice, Duplicates::Suffix).unwrap(),
            ["A", "B", "A.1"]
        );
        assert_eq!(
            distinct(&["A", "B"], Duplicates::Error).unwrap(),
            ["A", "B"]
        );
    }
}
