//! One file of `--report`: written under another name, and renamed when it is complete.
//!
//! Until then the name keeps what it had. Only a regular file is replaced, and none that is HDF5 or a ledger: a report can be made
//! again. Pipes and devices are written directly.

use crate::cli::exit::Failure;
use crate::files::folder::Place;
use crate::files::ledger::is_ledger;
use crate::files::{Signature, Temporary, ordinary_mode, sniff};
use crate::model::record::Record;
use crate::model::record::report::Report;
use crate::report::html::{HtmlReport, Run, Timing};
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
    pub(crate) path: PathBuf,
    pub(crate) content: Content,
    file: BufWriter<File>,
    failed: Option<io::Error>,
    /// Gets its name at the end; `None` for a pipe or a device.
    temporary: Option<Temporary>,
}

/// What a report file holds.
pub(crate) enum Content {
    Document,
    Lines,
    Table,
    Page(Box<HtmlReport>),
}

impl ReportFile {
    /// A bad name is an error of the command line.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let content = content(path)?;
        let unusable = |(cause, hint): (String, &str)| {
            let message = format!("{}: the report cannot be written: {cause}", path.display());
            Failure::usage(message, hint)
        };
        let (file, temporary) = open(path).map_err(unusable)?;
        Ok(ReportFile {
            path: path.to_path_buf(),
            content,
            file: BufWriter::new(file),
            failed: None,
            temporary,
        })
    }

    /// An error is reported at the end: the run continues without this report.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.failed = self.file.write_all(bytes).err();
        }
    }

    pub(crate) fn row(&mut self, record: &Record, timing: Option<Timing>) {
        match &mut self.content {
            Content::Lines => self.write(&json::line(record)),
            Content::Table => self.write(&tsv::row(record)),
            Content::Page(page) => {
                let pushed = page.push(record, timing);
                self.failed = self.failed.take().or(pushed.err());
            }
            Content::Document => {}
        }
    }

    pub(crate) fn finish(mut self, report: &Report, run: &Run) -> Option<Failure> {
        match std::mem::replace(&mut self.content, Content::Lines) {
            Content::Document => self.write(&json::document(report)),
            Content::Page(page) if self.failed.is_none() => {
                self.failed = page.finish(report, run, &mut self.file).err();
            }
            Content::Page(_) | Content::Lines | Content::Table => {}
        }
        let written = match self.failed.take() {
            Some(error) => Err(error),
            None => self.file.flush(),
        };
        let error = written.and_then(|()| self.put_in_place()).err()?;
        let message = format!(
            "{}: the report cannot be written: {error}",
            self.path.display()
        );
        let next =
            "free some space, or write it to another place; finished migrations stay finished";
        Some(Failure::failed(message, next))
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

pub(crate) fn content(path: &Path) -> Result<Content, Failure> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("json") => Ok(Content::Document),
        Some("jsonl") => Ok(Content::Lines),
        Some("tsv") => Ok(Content::Table),
        Some("html") => Ok(Content::Page(Box::default())),
        _ => Err(Failure::usage(
            format!("{}: a report of an unknown kind", path.display()),
            "end its name in .html, .json, .jsonl or .tsv",
        )),
    }
}

/// Why a report cannot be written, and what to do.
type Unusable = (String, &'static str);

fn open(path: &Path) -> Result<(File, Option<Temporary>), Unusable> {
    const CHECK: &str = "check that its folder exists and is writable";
    const RENAME: &str = "choose another name for the report; nothing was touched";
    let system = |error: io::Error| (error.to_string(), CHECK);
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(system(error)),
        Ok(there) if there.is_file() => check_replaceable(path).map_err(|error| {
            let hint = match error.kind() {
                io::ErrorKind::InvalidInput => RENAME,
                _ => CHECK,
            };
            (error.to_string(), hint)
        })?,
        Ok(there) => {
            let target = fs::metadata(path).ok();
            if target.is_none_or(|it| it.is_file() || it.is_dir()) {
                let kind = match there.is_symlink() {
                    true => "it is a symbolic link",
                    false => "it is a folder",
                };
                return Err((kind.to_string(), RENAME));
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
