use super::*;
use crate::model::record::outcome::Outcome;
use crate::model::record::report::Problem;
use crate::model::shell::acts_on_display;
use crate::report::sample;
use unicode_width::UnicodeWidthStr;

fn plain(width: Option<usize>) -> TableStyle {
    TableStyle {
        width,
        ..TableStyle::default()
    }
}

fn table(report: &Report, style: &TableStyle) -> String {
    let mut table = Table::new(*style);
    report.files.iter().for_each(|record| table.push(record));
    let origin = Origin {
        command: &report.command,
        command_line: Some("h5lift migrate archive --in-place"),
        roots: &report.roots,
    };
    table.finish(report, &origin)
}

/// An audit of few enough rows to list each.
fn small_audit() -> Report {
    let mut files = sample::audit().files;
    files.truncate(47);
    let problems = sample::audit().problems;
    Report {
        problems,
        ..sample::report("audit", files)
    }
}

fn without_colours(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let mut plain = parts.next().unwrap().to_string();
    for part in parts {
        plain += part.split_once('m').unwrap().1;
    }
    plain
}

const AUDIT_100: &str = "\
state         size  matrix                      plan     path
hybrid    19.2 MiB  20000 x 500 <f4 gzip        migrate  archive/study-01/expression.h5
current   19.2 MiB  20000 x 500 <f4 gzip        skip     archive/study-02/expression.h5
legacy    38.1 MiB  20000 x 500 <f4 gzip        migrate  archive/study-03/expression.h5
  note: 3 names occur twice or more: A, B, C
legacy    38.1 MiB  20000 x 500 <f4 contiguous  migrate  archive/study-04/expression.h5
foreign   64.0 KiB  -                           skip     archive/cells.h5

40 not-expression: no /expr in it (2.5 MiB); -v lists them

nameless   1.2 GiB  20000 x 500 <f4 contiguous  refuse   archive/study-05/expression.h5
  /expr is there, but gene_names and sample_names are nowhere
help: the names are not in this file: keep it, and give them with --names-from, a matrix or a list

damaged    1.2 GiB  -                           refuse   archive/study-06/expression.h5
  the library never came back while it was reading names (killed after 60 s)
help: restore it from a backup; h5lift has not changed it

47 files, 2.5 GiB, in 1.2 s
states:  2 legacy, 1 hybrid, 1 current, 1 nameless, 40 not-expression, 1 foreign, 1 damaged
plan:    3 to migrate, 42 to skip, 2 to refuse
next:    3 files would be migrated: h5lift migrate archive --out-dir NEW
         2 files cannot be migrated as they are; the help under them says what to do
         1 error on stderr
";

const MIGRATION_80: &str = "\
state         size     after  matrix                outcome   path
legacy    38.1 MiB  20.0 MiB  20000 x 500 <f4 gzip  migrated  archive/a.h5
legacy    38.1 MiB  20.0 MiB  20000 x 500 <f4 gzip  migrated  archive/b.h5
current   19.2 MiB         -  20000 x 500 <f4 gzip  skipped   archive/c.h5

nameless   1.2 GiB         -  -                     refused   archive/d.h5
  /expr is there, but gene_names is nowhere
help: the names are not in this file: keep it, and give them with --names-from,
      a matrix or a list

legacy    38.1 MiB         -  20000 x 500 <f4 gzip  failed    archive/e.h5
  cannot write new/.a.h5.h5lift-tmp: No space left on device
help: free 40 MB in new and run the same command again; what is done stays done

5 files, 1.3 GiB, in 1.2 s
states:  3 legacy, 1 current, 1 nameless
outcome: 2 migrated and verified in full, 1 skipped, 1 refused, 1 failed
size:    76.3 MiB -> 40.1 MiB (1.90x smaller)
next:    1 file failed and is unchanged; the lines under it say why
         1 file cannot be migrated as it is; the help under it says what to do
";

#[test]
fn an_audit() {
    assert_eq!(table(&small_audit(), &plain(Some(100))), AUDIT_100);
}

#[test]
fn a_migration() {
    assert_eq!(table(&sample::migration(), &plain(Some(80))), MIGRATION_80);
}

#[test]
fn in_a_pipe_nothing_is_wrapped_or_left_out() {
    let text = table(&sample::migration(), &plain(None));
    assert_eq!(
        text,
        MIGRATION_80.replace("--names-from,\n      a matrix", "--names-from, a matrix")
    );
}

#[test]
fn every_line_fits_at_every_usual_width() {
    for width in [60, 80, 100, 140, 200] {
        for report in [
            sample::audit(),
            small_audit(),
            sample::migration(),
            many("样本/ü"),
        ] {
            for line in table(&report, &plain(Some(width))).lines() {
                let is_command = line.contains("h5lift migrate ");
                assert!(is_command || line.width() <= width, "{width}: {line}");
            }
        }
    }
}

#[test]
fn colours_change_nothing_but_colours() {
    for report in [small_audit(), sample::migration(), many("a")] {
        let style = TableStyle {
            colour: true,
            ..plain(Some(80))
        };
        let coloured = table(&report, &style);
        assert_eq!(without_colours(&coloured), table(&report, &plain(Some(80))));
        assert!(coloured.contains("\x1b[1m\x1b[31m"));
    }
}

#[test]
fn a_path_is_whole_in_a_pipe_and_with_v_and_keeps_both_ends_in_a_terminal() {
    let long = format!("archive/{}/expression.h5", "a-long-name-".repeat(12));
    let report = sample::report(
        "audit",
        vec![
            sample::legacy(&long),
            sample::refused(&long),
            sample::hybrid("b.h5"),
        ],
    );
    for (width, verbose, whole) in [
        (None, 0, 2),
        (Some(80), 1, 2),
        (Some(60), 0, 0),
        (Some(140), 0, 0),
        (Some(220), 0, 2),
    ] {
        let style = TableStyle {
            verbose,
            ..plain(width)
        };
        let text = table(&report, &style);
        assert_eq!(text.matches(&long).count(), whole, "{width:?}");
        assert_eq!(text.matches("/expression.h5\n").count(), 2, "{text}");
    }
}

#[test]
fn verbose_lists_every_file_with_its_reason() {
    let report = sample::audit();
    let text = table(
        &report,
        &TableStyle {
            verbose: 1,
            ..plain(None)
        },
    );
    for record in &report.files {
        assert_eq!(text.matches(&record.path).count(), 1, "{}", record.path);
    }
    assert_eq!(text.matches("\n  no /expr in it\n").count(), 1204);
    assert!(!text.contains("-v lists"));
    assert!(text.contains("\n  - write /gene_names (20000 names) from the attribute of /expr\n"));
}

#[test]
fn a_few_skipped_files_and_odd_ones_keep_their_rows() {
    let mut files: Vec<Record> = (0..3)
        .map(|n| sample::skipped(&format!("few/{n}.h5"), State::NotHdf5, "empty file"))
        .collect();
    files.extend((0..20).map(|n| sample::current(&format!("done/{n}.h5"))));
    let text = table(&sample::report("audit", files.clone()), &plain(None));
    assert_eq!(
        text.matches("few/").count() + text.matches("done/").count(),
        23
    );

    files.push(sample::current("done/20.h5"));
    let mut odd = sample::current("done/odd.h5");
    odd.findings.push(crate::model::record::finding::Finding {
        code: "empty-gene-names".into(),
        detail: "2 names are empty".into(),
    });
    files.push(odd);
    let text = table(&sample::report("audit", files), &plain(None));
    assert!(text.contains("21 current: names are datasets ("), "{text}");
    assert!(
        text.contains("  done/odd.h5\n  note: 2 names are empty\n"),
        "{text}"
    );
}

#[test]
fn files_with_the_same_help_stand_together_above_it() {
    let damaged = |path| sample::refusal(path, State::Damaged, "truncated");
    let report = sample::report(
        "audit",
        vec![
            damaged("a.h5"),
            sample::refusal("b.h5", State::Busy, "open for writing"),
            damaged("c.h5"),
        ],
    );
    let text = table(&report, &plain(None));
    assert!(
        text.starts_with(
            "\
state       size  plan    path
damaged  1.2 GiB  refuse  a.h5
  truncated
damaged  1.2 GiB  refuse  c.h5
  truncated
help: restore it from a backup; h5lift has not changed it

busy     1.2 GiB  refuse  b.h5
  open for writing
help: run it again when the writer"
        ),
        "{text}"
    );
}

#[test]
fn nothing_of_a_hostile_file_reaches_the_terminal() {
    let mut report = sample::report("migrate", sample::every_row());
    for record in &mut report.files {
        record.reason += "\x1b]0;x\x07";
        if let Some(error) = &mut record.error {
            error.message += "\u{202e}\n";
        }
    }
    report.roots = vec!["\x1b[2J".into()];
    report.problems.push(Problem {
        path: "\u{9b}2J".into(),
        message: "\r".into(),
        hint: Some("\0".into()),
    });
    for verbose in [0, 1] {
        let style = TableStyle {
            verbose,
            ..plain(Some(80))
        };
        let text = table(&report, &style);
        assert!(!text.replace('\n', "").contains(acts_on_display));
        assert!(text.contains("archive/\\u{202e}5h.exe\\x1b[2J\\n.h5\n"));
        assert!(text.contains("archive/caf\\xe9\\t.h5\n"));
    }
}

#[test]
fn a_verification() {
    let mut right = sample::current("new/a.h5");
    right.outcome = Some(Outcome::Verified);
    let mut wrong = sample::failed("new/b.h5");
    if let Some(error) = &mut wrong.error {
        error.message = "values of /expr differ from the digest".into();
        error.hint = None;
    }
    assert_eq!(
        table(
            &sample::report("verify", vec![right, wrong]),
            &plain(Some(80))
        ),
        "\
state        size  matrix                outcome   path
current  19.2 MiB  20000 x 500 <f4 gzip  verified  new/a.h5

legacy   38.1 MiB  20000 x 500 <f4 gzip  failed    new/b.h5
  values of /expr differ from the digest

2 files, 57.3 MiB, in 1.2 s
states:  1 legacy, 1 current
outcome: 1 failed, 1 verified
next:    1 file is not verified; the lines under it say why
"
    );
}

#[test]
fn a_run_that_did_nothing_is_one_line() {
    let text = table(&sample::report("audit", vec![]), &plain(None));
    assert!(text.starts_with("no files: h5lift looks for .h5, "));
    assert_eq!(text.lines().count(), 1);
    let mut done = sample::current("a.h5");
    done.outcome = Some(Outcome::Skipped);
    let report = sample::report("migrate", vec![done; 99]);
    assert_eq!(
        table(&report, &plain(Some(80))),
        "nothing to do: 99 files, 1.9 GiB, in 1.2 s (99 current)\n"
    );
}

/// More rows than are listed: some folders, several causes, long paths.
fn many(name: &str) -> Report {
    let path = |folder: u64, number: u64| format!("archive/{name}-{folder}/{number}/expression.h5");
    let mut files: Vec<Record> = (0..300)
        .map(|number| match number % 10 {
            0 => sample::current(&path(number % 4, number)),
            _ => sample::legacy(&path(number % 4, number)),
        })
        .collect();
    for number in 0..7 {
        let message = format!("truncated at byte {number}");
        let damaged = sample::refusal(&path(4, number), State::Damaged, &message);
        files.push(damaged);
    }
    let long = format!(
        "archive/{}/expression.h5",
        format!("{name}-long-").repeat(40)
    );
    for path in [path(5, 1), long] {
        files.push(sample::refusal(&path, State::Conflict, "names differ"));
    }
    files.push(sample::refusal(&path(6, 1), State::Transposed, "12 x 5"));
    let odd = crate::model::record::finding::Finding::new("duplicate-gene-names", "3 names");
    files[0].findings.push(odd);
    sample::report("audit", files)
}

const MANY_80: &str = "\
files     size  migrate  skip  refuse  folder
   75  2.5 GiB       60    15       -  archive/a-0/
   75  2.8 GiB       75     -       -  archive/a-1/
   75  2.5 GiB       60    15       -  archive/a-2/
   75  2.8 GiB       75     -       -  archive/a-3/
    7  8.4 GiB        -     -       7  archive/a-4/
    1  1.2 GiB        -     -       1  archive/a-5/
    1  1.2 GiB        -     -       1  archive/a-6/
    1  1.2 GiB        -     -       1  archive/a...a-long-a-long-a-long-a-long-/
-v lists every file

damaged (refuse): 7 files, 8.4 GiB
  archive/a-4/0/expression.h5
    truncated at byte 0
  archive/a-4/1/expression.h5
    truncated at byte 1
  archive/a-4/2/expression.h5
    truncated at byte 2
  and 4 more
help: restore it from a backup; h5lift has not changed it

conflict (refuse): 2 files, 2.4 GiB
  names differ
  archive/a-5/1/expression.h5
  archive/a-long-a-l...-a-long-a-long-a-long-a-long-a-long-a-long-/expression.h5
help: nothing has to be done
run:  h5lift migrate archive --out-dir NEW --prefer attributes
or:   h5lift migrate archive --out-dir NEW --prefer datasets

transposed (refuse): 1 file, 1.2 GiB
  12 x 5
  archive/a-6/1/expression.h5
help: use --transpose, which makes genes its rows
run:  h5lift migrate archive/a-6/1/expression.h5 --out-dir NEW --transpose

310 files, 22.6 GiB, in 1.2 s
states:  270 legacy, 2 conflict, 30 current, 1 transposed, 7 damaged
plan:    270 to migrate, 30 to skip, 10 to refuse
notes:   1 duplicate-gene-names
next:    270 files would be migrated: h5lift migrate archive --out-dir NEW
         10 files cannot be migrated as they are; the help under them says what
         to do
";

#[test]
fn many_rows_become_folders_and_causes() {
    let text = table(&many("a"), &plain(Some(80)));
    assert_eq!(text, MANY_80);
}
