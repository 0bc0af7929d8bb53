//! One file of `--report` or `--list`: written under another name, and renamed when it is complete.
//!
//! Until then the name keeps what it had. Only a regular file is replaced, and none that is HDF5 or a ledger: a report can be made
//! again. Pipes and devices are written directly.

use crate::cli::args::lists::ListWord;
use crate::cli::args::options::OutputOptions;
use crate::cli::exit::Failure;
use crate::files::folder::Place;
use crate::files::ledger::is_ledger;
use crate::files::{Signature, Temporary, ordinary_mode, sniff};
use crate::model::record::Record;
use crate::model::record::report::Report;
use crate::report::html::{HtmlReport, Run, Timing};
use crate::report::list::{Separator, entry};
use crate::report::multiqc::MultiqcReport;
use crate::report::{json, tsv};
use rustix::fs::{Gid, OFlags, Uid, fchown};
use std::fs;
use std::fs::{File, Permissions};
use std::io;
use std::io::{BufWriter, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// A report file that is being written.
pub(crate) struct ReportFile {
    path: PathBuf,
    /// `report` or `list`.
    what: &'static str,
    content: FileContent,
    file: BufWriter<File>,
    failed: Option<io::Error>,
    /// Gets its name at the end; `None` for a pipe or a device.
    temporary: Option<Temporary>,
    /// The first path that a list of lines cannot hold.
    unlistable: Option<String>,
}

/// What a report file holds.
enum FileContent {
    Document,
    Lines,
    Table,
    Page(Box<HtmlReport>),
    Multiqc(Box<MultiqcReport>),
    List(ListWord, Separator),
    Closed,
}

/// Opens all of them before the work begins: a bad path is found now, not at the end.
pub(crate) fn open_all(options: &OutputOptions) -> Result<Vec<ReportFile>, Failure> {
    let separator = match options.null {
        true => Separator::Nul,
        false => Separator::Newline,
    };
    let reports = options
        .report
        .iter()
        .map(|path| ReportFile::create(path, "report", content(path)?));
    let lists = options.list.iter().map(|list| {
        ReportFile::create(&list.path, "list", FileContent::List(list.word, separator))
    });
    reports.chain(lists).collect()
}

impl ReportFile {
    /// A bad name is an error of the command line.
    fn create(path: &Path, what: &'static str, content: FileContent) -> Result<Self, Failure> {
        let unusable = |Unusable { cause, is_taken }: Unusable| {
            let message = format!("{}: the {what} cannot be written: {cause}", path.display());
            match is_taken {
                true => Failure::usage(
                    message,
                    format!("choose another name for the {what}; nothing was touched"),
                ),
                false => Failure::usage(message, "check that its folder exists and is writable"),
            }
        };
        let (file, temporary) = open(path).map_err(unusable)?;
        let mut file = ReportFile {
            path: path.to_path_buf(),
            what,
            content,
            file: BufWriter::new(file),
            failed: None,
            temporary,
            unlistable: None,
        };
        if matches!(file.content, FileContent::Table) {
            file.write(&tsv::header());
        }
        Ok(file)
    }

    /// An error is reported at the end: the run continues without this report.
    fn write(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.failed = self.file.write_all(bytes).err();
        }
    }

    pub(crate) fn row(&mut self, record: &Record, timing: Option<Timing>) {
        match &mut self.content {
            FileContent::Lines => self.write(&json::line(record)),
            FileContent::Table => self.write(&tsv::row(record)),
            FileContent::Page(page) => {
                let pushed = page.push(record, timing);
                self.failed = self.failed.take().or(pushed.err());
            }
            FileContent::Multiqc(section) => section.push(record),
            FileContent::List(word, separator) if word.is_of(record) => {
                match entry(record, *separator) {
                    Ok(bytes) => self.write(&bytes),
                    Err(path) => self.unlistable = self.unlistable.take().or(Some(path)),
                }
            }
            FileContent::List(..) | FileContent::Document | FileContent::Closed => {}
        }
    }

    pub(crate) fn finish(mut self, report: &Report, run: &Run) -> Option<Failure> {
        match std::mem::replace(&mut self.content, FileContent::Closed) {
            FileContent::Document => self.write(&json::document(report)),
            FileContent::Multiqc(section) => self.write(&section.finish(report)),
            FileContent::Page(page) if self.failed.is_none() => {
                self.failed = page.finish(report, run, &mut self.file).err();
            }
            _ => {}
        }
        let written = match self.failed.take() {
            Some(error) => Err(error),
            None => self.file.flush(),
        };
        if let Err(error) = written.and_then(|()| self.put_in_place()) {
            let path = self.path.display();
            let message = format!("{path}: the {} cannot be written: {error}", self.what);
            let next =
                "free some space, or write it to another place; finished migrations stay finished";
            return Some(Failure::failed(message, next));
        }
        let lacking = self.unlistable?;
        Some(Failure::failed(
            format!(
                "{}: it lacks {lacking}, which has a line end in its path",
                self.path.display()
            ),
            "add -0, and read the list with --files-from LIST -0",
        ))
    }

    /// Whether it says what a migration would cost.
    pub(crate) fn has_estimate(&self) -> bool {
        matches!(self.content, FileContent::Document | FileContent::Page(_))
    }

    /// Whether it holds every row, whatever their number.
    pub(crate) fn has_all_rows(&self) -> bool {
        matches!(
            self.content,
            FileContent::Document | FileContent::Lines | FileContent::Table
        )
    }

    pub(crate) fn path_text(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }

    fn put_in_place(&mut self) -> io::Result<()> {
        let Some(mut temporary) = self.temporary.take() else {
            return Ok(());
        };
        keep_rights(&self.path, &temporary)?;
        temporary.sync().map_err(|error| error.source)?;
        let place = Place::of(&self.path).map_err(|error| error.source)?;
        temporary.rename_to(&place, true)
    }
}

/// Whether a report of this name holds all rows in one document.
pub(crate) fn is_document(path: &Path) -> bool {
    matches!(content(path), Ok(FileContent::Document))
}

fn content(path: &Path) -> Result<FileContent, Failure> {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    if name.ends_with(b"_mqc.json") {
        return Ok(FileContent::Multiqc(Box::default()));
    }
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("json") => Ok(FileContent::Document),
        Some("jsonl") => Ok(FileContent::Lines),
        Some("tsv") => Ok(FileContent::Table),
        Some("html") => Ok(FileContent::Page(Box::default())),
        _ => Err(Failure::usage(
            format!("{}: a report of an unknown kind", path.display()),
            "end its name in .html, .json, .jsonl, .tsv or _mqc.json",
        )),
    }
}

/// Why a report cannot be written.
struct Unusable {
    cause: String,
    /// Something else has its name, which is not the system's error.
    is_taken: bool,
}

fn open(path: &Path) -> Result<(File, Option<Temporary>), Unusable> {
    let system = |error: io::Error| Unusable {
        is_taken: error.kind() == io::ErrorKind::InvalidInput,
        cause: error.to_string(),
    };
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(system(error)),
        Ok(there) if there.is_file() => check_replaceable(path).map_err(system)?,
        Ok(there) => {
            let target = fs::metadata(path).ok();
            if target.is_none_or(|it| it.is_file() || it.is_dir()) {
                let kind = match there.is_symlink() {
                    true => "it is a symbolic link",
                    false => "it is a folder",
                };
                return Err(Unusable {
                    cause: kind.to_string(),
                    is_taken: true,
                });
            }
            let file = File::options().write(true).open(path).map_err(system)?;
            return Ok((file, None));
        }
    }
    let temporary = Temporary::create_unnamed_beside(path).map_err(|error| system(error.source))?;
    let file = temporary.file().try_clone().map_err(system)?;
    Ok((file, Some(temporary)))
}

/// Whether a regular file may be replaced by a report: one that its user could have written to, and that can be made again.
fn check_replaceable(path: &Path) -> io::Result<()> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).unwrap_or(0);
    File::options().write(true).custom_flags(flags).open(path)?;
    let Ok(file) = File::options().read(true).custom_flags(flags).open(path) else {
        return Ok(());
    };
    let kind = match sniff(&file) {
        Ok(Signature::Hdf5 { .. }) => "it is an HDF5 file",
        _ if is_ledger(&file)? => "it is a ledger",
        _ => return Ok(()),
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, kind))
}

/// Gives a report the owner and mode of the one that it replaces, or those of any new file.
fn keep_rights(path: &Path, temporary: &Temporary) -> io::Result<()> {
    let new = temporary.file();
    let mode = match fs::symlink_metadata(path) {
        Ok(old) => {
            // Only root can, and only root needs to.
            let _ = fchown(
                new,
                Some(Uid::from_raw(old.uid())),
                Some(Gid::from_raw(old.gid())),
            );
            old.mode() & 0o777
        }
        Err(_) => ordinary_mode(temporary.folder()).map_err(|error| error.source)?,
    };
    new.set_permissions(Permissions::from_mode(mode))
}
