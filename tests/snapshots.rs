//! Every text for users is shown by a file of `tests/cmd`: by a case of the command line, by `files/` (written by
//! `tests/interop/test_messages.py`), or by `messages.txt` and `sentences.txt`, which unit tests write.
//!
//! In [`FOLDERS`], a text for users is every literal of three words or more. Not checked are actions of a `PathError`, which
//! appear as `cannot ACTION: ...`, texts of `expect`, and tests. What no test can provoke is in [`UNPROVOKED`], with a reason.
//!
//! In `src/cli`, where most literals are help, a message is found by what takes it, however short it is.
//! A message is a text in the arguments of [`MAKERS`], in a variable of the same function that such an argument names, or in
//! a function that reads the value of an option (one that returns `Result<_, String>`). Its placeholders stand for any text.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read the sources must fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use syn::punctuated::Punctuated;
use syn::visit::Visit;
use syn::{Expr, GenericArgument, Lit, PathArguments, ReturnType, Token, Type, visit};

const FOLDERS: [&str; 5] = [
    "src/files",
    "src/jobs",
    "src/worker",
    "src/plain",
    "src/model",
];

/// Texts, one a line as the source has them, below lines with `#` that say why no test provokes them.
const UNPROVOKED: &str = "tests/cmd/unprovoked.txt";

/// What writes its arguments to stderr.
const MAKERS: [&str; 5] = [
    "Failure::usage",
    "Failure::failed",
    "Event::Warning",
    "warn",
    "note",
];

#[test]
fn every_message_of_the_command_line_is_in_a_snapshot() {
    let snapshots = snapshots();
    let mut missing = Vec::new();
    for (path, source) in files("src/cli", Some("rs")) {
        let unseen = messages(&source).into_iter();
        let unseen = unseen.filter(|message| !is_shown(message, &snapshots));
        missing.extend(unseen.map(|message| format!("{path}: {message:?}")));
    }
    assert!(
        missing.is_empty(),
        "no file of tests/cmd shows these messages: write a case, or render them in src/messages.rs:\n{}",
        missing.join("\n")
    );
}

#[test]
fn every_text_for_users_is_in_a_snapshot() {
    let snapshots = snapshots();
    let mut unseen = BTreeMap::new();
    for (path, source) in FOLDERS.iter().flat_map(|it| files(it, Some("rs"))) {
        if ["/tests.rs", "/tests/", "/ledger/scene.rs"]
            .iter()
            .any(|it| path.contains(it))
        {
            continue;
        }
        for text in texts(&source) {
            if !snapshots.lines().any(|line| holds(line, &parts(&text))) {
                unseen.insert(text.replace('\n', "\\n"), path.clone());
            }
        }
    }
    let unprovoked = std::fs::read_to_string(UNPROVOKED).unwrap();
    let listed: BTreeSet<&str> = unprovoked
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let missing: Vec<String> = unseen
        .iter()
        .filter(|(text, _)| !listed.contains(text.as_str()))
        .map(|(text, path)| format!("{path}: {text}"))
        .collect();
    assert!(
        missing.is_empty(),
        "no file of tests/cmd shows these texts: provoke them in tests/interop/messages, or say in {UNPROVOKED} why not:\n{}",
        missing.join("\n")
    );
    let stale: Vec<&&str> = listed
        .iter()
        .filter(|it| !unseen.contains_key(**it))
        .collect();
    assert!(
        stale.is_empty(),
        "{UNPROVOKED} lists texts that are shown, or that no source has: {stale:#?}"
    );
}

#[test]
fn texts_are_found_wherever_they_are_made() {
    for source in [
        r#"fn f() { x("it is not there") }"#,
        r#"fn f() { x(&format!("{}: it is not {it}", y)) }"#,
        r#"fn f() { write!(f, "{}", match it { A => "it is not there", B => "no" }) }"#,
        r#"enum E { #[error("{}: it is not there", .path.display())] A { path: PathBuf } }"#,
        r#"const X: &str = "it is not there";"#,
    ] {
        assert_eq!(texts(source).len(), 1, "{source}");
    }
    for source in [
        r#"fn f() { x().expect("it is always there") }"#,
        r#"fn f() { x().at(path, "read it again") }"#,
        r#"fn f() { PathError { action: "read it again" } }"#,
        r#"#[expect(lint, reason = "it is not there")] fn f() { x("two words") }"#,
        r#"mod tests { fn f() { x("it is not there") } }"#,
    ] {
        assert!(texts(source).is_empty(), "{source}");
    }
    assert!(holds("a: it is not b, c", &parts("it is not {}, {}")));
    assert!(!holds("it is not", &parts("it is not {}, {}")));
}

#[test]
fn messages_are_found_wherever_they_are_made() {
    for source in [
        r#"fn f() { Failure::usage("not there", hint) }"#,
        r#"fn f() { x.map_err(|e| Failure::failed(format!("{}: not there", e), "")) }"#,
        r#"fn f() { let text = format!("{x}: not there"); return Some(Failure::failed(text, next)); }"#,
        r#"fn f() { warn(&format!("{x:?}: not there")) }"#,
        r#"fn f() { observer.observe(Event::Warning("not there")) }"#,
        r#"fn f() { crate::cli::exit::warn("not there") }"#,
        r#"fn f(text: &str) -> Result<u8, String> { text.parse().map_err(|_| "not there".into()) }"#,
    ] {
        let found = messages(source);
        assert_eq!(found.len(), 1, "{source}: {found:?}");
        assert!(!is_shown(&found[0], "error: a.h5: a file\n"), "{source}");
        assert!(
            is_shown(&found[0], "x\nerror: a.h5: not there\n"),
            "{source}"
        );
        assert!(
            !is_shown(&found[0], "error: a.h5: not there yet\n"),
            "{source}"
        );
    }
    let hint = r#"fn f() { Failure::usage(error.to_string(), "end {o} in {{a}} or {b:?}") }"#;
    assert!(is_shown(
        &messages(hint)[0],
        "  help: end -o in {a} or \"b\"\n"
    ));
    assert!(!is_shown(
        &messages(hint)[0],
        "  help: in {a} or b, end -o\n"
    ));
}

fn snapshots() -> String {
    let files = files("tests/cmd", None).into_iter();
    let files = files.filter(|(path, _)| path != UNPROVOKED);
    files.map(|(_, text)| text).collect()
}

/// The texts of a source file that are for users.
fn texts(source: &str) -> BTreeSet<String> {
    let mut finder = TextFinder::default();
    finder.visit_file(&syn::parse_file(source).unwrap());
    finder.found
}

/// Whether a line has these parts in this order.
fn holds(line: &str, parts: &[String]) -> bool {
    let mut parts = parts.iter();
    parts
        .try_fold(line, |left, part| Some(left.split_once(part.as_str())?.1))
        .is_some()
}

/// Paths and texts of the files below a folder, of this ending or of any.
fn files(folder: &str, ending: Option<&str>) -> Vec<(String, String)> {
    let entries = walkdir::WalkDir::new(folder).into_iter();
    let paths = entries.map(|entry| entry.unwrap().into_path());
    paths
        .filter(|path| path.is_file())
        .filter(|path| ending.is_none_or(|it| path.extension().is_some_and(|its| its == it)))
        .map(|path| {
            (
                path.display().to_string(),
                std::fs::read_to_string(&path).unwrap(),
            )
        })
        .collect()
}

/// The messages of a source file, each as the texts around its placeholders.
fn messages(source: &str) -> Vec<Vec<String>> {
    let mut finder = Finder::default();
    finder.visit_file(&syn::parse_file(source).unwrap());
    finder.found.into_iter().collect()
}

/// Whether a line is this message, behind a path, a word such as `help:`, or what clap says about an option.
fn is_shown(message: &[String], snapshots: &str) -> bool {
    let (first, others) = message.split_first().unwrap();
    snapshots.lines().any(|line| {
        line.match_indices(first.as_str()).any(|(at, _)| {
            let is_start = at == 0 || first.is_empty() || line[..at].ends_with(": ");
            is_start && fits(&line[at + first.len()..], others)
        })
    })
}

/// Whether these parts are in a text in this order, the last one at its end.
fn fits(text: &str, parts: &[String]) -> bool {
    match parts {
        [] => text.is_empty(),
        [last] => text.ends_with(last.as_str()),
        [next, others @ ..] => text
            .split_once(next.as_str())
            .is_some_and(|(_, rest)| fits(rest, others)),
    }
}

/// The texts between the placeholders of a format string.
fn parts(format: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '{' && chars.peek() != Some(&'{') {
            chars.find(|c| *c == '}');
            parts.push(String::new());
            continue;
        }
        if matches!(c, '{' | '}') {
            chars.next();
        }
        parts.last_mut().unwrap().push(c);
    }
    parts
}

#[derive(Default)]
struct TextFinder {
    found: BTreeSet<String>,
}

impl TextFinder {
    fn take(&mut self, text: String) {
        let is_word = |it: &&str| it.chars().filter(|it| it.is_alphabetic()).count() > 1;
        let words = parts(&text).join(" ");
        if words.split_whitespace().filter(is_word).count() >= 3 {
            self.found.insert(text);
        }
    }
}

impl<'ast> Visit<'ast> for TextFinder {
    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let list = attribute.meta.require_list();
        if let (true, Ok(list)) = (attribute.path().is_ident("error"), list) {
            let first = list.tokens.clone().into_iter().next();
            if let Some(Ok(text)) = first.map(|it| syn::parse2::<syn::LitStr>(it.into())) {
                self.take(text.value());
            }
        }
    }

    /// A module within a file holds tests.
    fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {}

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_for_tests(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_for_tests(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        match call.method.to_string().as_str() {
            "at" | "expect" => self.visit_expr(&call.receiver),
            _ => visit::visit_expr_method_call(self, call),
        }
    }

    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        if !matches!(&field.member, syn::Member::Named(name) if name == "action") {
            visit::visit_field_value(self, field);
        }
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let arguments = call.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
        arguments
            .iter()
            .flatten()
            .for_each(|it| self.visit_expr(it));
    }

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.take(text.value());
    }
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|it| {
        let list = it.meta.require_list();
        it.path().is_ident("cfg") && list.is_ok_and(|it| it.tokens.to_string() == "test")
    })
}

#[derive(Default)]
struct Finder {
    found: BTreeSet<Vec<String>>,
    /// Texts of the variables in scope.
    variables: BTreeMap<String, BTreeSet<Vec<String>>>,
    /// Whether texts are messages here.
    takes: bool,
}

impl Finder {
    /// Visits something in which texts are messages, or are not.
    fn within(&mut self, takes: bool, visit: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.takes, takes);
        visit(self);
        self.takes = before;
    }

    fn take(&mut self, literal: &Lit) {
        if let (true, Lit::Str(text)) = (self.takes, literal) {
            // What has no word of its own, such as `{}: {}`, gets its words elsewhere.
            let is_word = |part: &String| part.chars().filter(|it| it.is_alphabetic()).count() > 3;
            let parts = Some(parts(&text.value()));
            self.found
                .extend(parts.filter(|parts| parts.iter().any(is_word)));
        }
    }
}

impl<'ast> Visit<'ast> for Finder {
    /// Comments of documentation are attributes.
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    /// A module within a file holds tests.
    fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {}

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let reads_value = is_result_with_text(&item.sig.output);
        self.within(reads_value, |finder| visit::visit_item_fn(finder, item));
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        let before = self.variables.clone();
        visit::visit_block(self, block);
        self.variables = before;
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        visit::visit_local(self, local);
        if let (syn::Pat::Ident(name), Some(init)) = (&local.pat, &local.init) {
            let mut texts = Finder::default();
            texts.within(true, |finder| finder.visit_expr(&init.expr));
            self.variables.insert(name.ident.to_string(), texts.found);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        let makes = matches!(&*call.func, Expr::Path(it) if is_maker(&spelled(&it.path)));
        self.within(self.takes || makes, |finder| {
            visit::visit_expr_call(finder, call);
        });
    }

    fn visit_expr_path(&mut self, expr: &'ast syn::ExprPath) {
        let texts = self.variables.get(&spelled(&expr.path));
        if let (true, Some(texts)) = (self.takes, texts) {
            self.found.extend(texts.iter().cloned());
        }
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let arguments = call.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated);
        if let Some(Expr::Lit(format)) = arguments.ok().and_then(|it| it.into_iter().next()) {
            self.take(&format.lit);
        }
    }

    fn visit_lit(&mut self, literal: &'ast Lit) {
        self.take(literal);
    }
}

/// Whatever the path to it.
fn is_maker(name: &str) -> bool {
    let name = format!("::{name}");
    MAKERS
        .iter()
        .any(|maker| name.ends_with(&format!("::{maker}")))
}

fn spelled(path: &syn::Path) -> String {
    let segments: Vec<String> = path
        .segments
        .iter()
        .map(|it| it.ident.to_string())
        .collect();
    segments.join("::")
}

/// Whether a function returns `Result<_, String>`.
fn is_result_with_text(output: &ReturnType) -> bool {
    let ReturnType::Type(_, output) = output else {
        return false;
    };
    let Type::Path(output) = &**output else {
        return false;
    };
    output.path.segments.last().is_some_and(|last| {
        let PathArguments::AngleBracketed(of) = &last.arguments else {
            return false;
        };
        let is_text = |it: &GenericArgument| matches!(it, GenericArgument::Type(Type::Path(it)) if it.path.is_ident("String"));
        last.ident == "Result" && of.args.last().is_some_and(is_text)
    })
}
