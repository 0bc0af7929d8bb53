use super::*;
use crate::model::state::State;
use std::os::unix::ffi::OsStrExt;

fn record(path: &str) -> Record {
    let mut record = Record::new(
        Path::new(path),
        12_345,
        State::Legacy,
        "because of 2".into(),
    );
    record.modified = Some("2026-02-13T10:00:00.000000001Z".into());
    record.genes = Some(NamesRecord {
        source: "attribute".into(),
        place: None,
        count: 3,
        text_type: "vlen-utf8".into(),
        first: vec!["A1".into(), "ü\u{1}".into()],
        last: Some("Z".into()),
    });
    record.plan.steps = vec![format!("write {path} with 3 names")];
    record.findings = vec![Finding::new("duplicate-gene-names", "A and B")];
    record.digest = Some(ContentDigest {
        values: [1; 32],
        genes: [2; 32],
        samples: [3; 32],
        rest: [255; 32],
    });
    record.outcome = Some(Outcome::Migrated);
    record
}

#[test]
fn rows_come_back_with_and_without_the_path_in_full() {
    let mut forms = Forms::default();
    let odd = b"caf\xe9.h5";
    let odd = Path::new(std::ffi::OsStr::from_bytes(odd));
    let mut rows = vec![record("tree/a.h5"), record("x\u{1}\"\\.h5"), record("b")];
    let mut old = record("old.h5");
    old.modified = Some("1960-01-01T00:00:00Z".into());
    rows.push(old);
    rows.push(Record::new(odd, 0, State::NotHdf5, String::new()));
    for row in rows {
        let source = Path::new("/archive").join(&row.path);
        for source in [Some(source.as_path()), Some(Path::new("/else.h5")), None] {
            let (packed, _) = forms.pack(&row, source);
            assert_eq!(
                packed.path(source).unwrap(),
                (row.path.clone(), row.path_bytes.as_deref())
            );
            assert_eq!(packed.outcome(), row.outcome);
            assert_eq!(forms.unpack(packed, source).unwrap(), row);
        }
    }
}

#[test]
fn rows_that_differ_in_numbers_paths_and_names_share_a_form() {
    let mut forms = Forms::default();
    let (_, form) = forms.pack(&record("tree/a.h5"), None);
    assert_eq!(form.unwrap().0, 0);
    let mut other = record("tree/beta.h5");
    other.bytes = 7;
    other.modified = Some("2024-12-01T09:08:07.000000002Z".into());
    other.genes.as_mut().unwrap().first = vec!["TP53".into()];
    other.findings.clear();
    other.digest = None;
    let (packed, form) = forms.pack(&other, None);
    assert_eq!(form, None);
    assert!(serde_json::to_string(&packed).unwrap().len() < 200);
}

#[test]
fn when_there_are_too_many_forms_a_row_is_whole() {
    let mut forms = Forms::default();
    let row = |number: usize| {
        // Letters stay in a form.
        let word: String = format!("{number:04}")
            .bytes()
            .map(|it| char::from(it + 49))
            .collect();
        Record::new(Path::new("a.h5"), 0, State::Legacy, word)
    };
    for number in 0..MOST_FORMS {
        let (packed, form) = forms.pack(&row(number), None);
        assert!(matches!(packed, StoredRow::Row(_)));
        assert!(form.is_some());
    }
    let (whole, form) = forms.pack(&row(MOST_FORMS), None);
    assert_eq!(whole, StoredRow::Record(Box::new(row(MOST_FORMS))));
    assert_eq!(form, None);
    assert!(matches!(forms.pack(&row(0), None).0, StoredRow::Row(_)));
    let long = Record::new(
        Path::new("a.h5"),
        0,
        State::Legacy,
        "x".repeat(LONGEST_FORM),
    );
    assert!(matches!(
        Forms::default().pack(&long, None).0,
        StoredRow::Record(_)
    ));
}

#[test]
fn a_row_that_does_not_fit_its_form_is_an_error() {
    let mut forms = Forms::default();
    let (packed, _) = forms.pack(&record("tree/a.h5"), None);
    let StoredRow::Row(row) = packed else {
        panic!()
    };
    let with = |change: fn(&mut FormRow)| {
        let mut row = (*row).clone();
        change(&mut row);
        forms.unpack(StoredRow::Row(Box::new(row)), Some(Path::new("/a/é.h5")))
    };
    for (change, cause) in [
        (
            (|row| row.form = 1) as fn(&mut FormRow),
            "which is not there",
        ),
        (|row| row.numbers.clear(), "not a row of form 0"),
        (|row| row.path = RowPath::Tail(99), "path"),
        (|row| row.path = RowPath::Tail(4), "path"),
        (|row| row.digest = Some("AAAA".into()), "digest"),
    ] {
        let error = with(change).unwrap_err();
        assert!(error.contains(cause), "{error}");
    }
    assert!(with(|_| ()).is_ok());
}
