//! What serves each request: the module that does the work gets its files and the request.

use crate::model::facts::Facts;
use crate::model::protocol::failure::FailureKind;
use crate::model::protocol::{
    Budget, Build, CheckDigestRequest, CompareRequest, CompareValuesRequest, ConvertRequest,
    Converted, InspectRequest, MigrateRequest, Migrated, NamesRead, PingRequest, ReadNamesRequest,
    ReadTextRequest, ReplyMessage, Request, RequestMessage, SMALL_FILE, SampleRequest, Sampled,
    TextRead, Verified,
};
use crate::worker::error::{Result, WorkerError};
use crate::worker::inspect::{inspect, inspect_small};
use crate::worker::names::external::UnnamedMatrix;
use crate::worker::names::source as name_source;
use crate::worker::open_file;
use crate::worker::serve::progress::ProgressSink;
use crate::worker::verify;
use crate::worker::verify::checksum;
use crate::worker::write::convert;
use crate::worker::write::migrate;
use crate::worker::write::sample::sample;
use std::fs::File;
use std::io::{Seek, SeekFrom};

/// A request that this worker can serve, with so many files.
trait Serve<const FILES: usize>: Request {
    fn serve(&self, files: [File; FILES], report: &mut dyn ProgressSink) -> Result<Self::Reply>;
}

/// Serves any request.
pub(crate) fn perform(
    request: &RequestMessage,
    files: Vec<File>,
    report: &mut dyn ProgressSink,
) -> Result<ReplyMessage> {
    match request {
        RequestMessage::Ping(it) => reply(it, files, report),
        RequestMessage::Inspect(it) => reply(it, files, report),
        RequestMessage::ReadNames(it) => reply(it, files, report),
        RequestMessage::CompareValues(it) => reply(it, files, report),
        RequestMessage::Migrate(it) => reply(it, files, report),
        RequestMessage::Sample(it) => reply(it, files, report),
        RequestMessage::ReadText(it) => reply(it, files, report),
        RequestMessage::Convert(it) => reply(it, files, report),
        RequestMessage::Compare(it) => reply(it, files, report),
        RequestMessage::CheckDigest(it) => reply(it, files, report),
    }
}

fn reply<R: Serve<FILES>, const FILES: usize>(
    request: &R,
    files: Vec<File>,
    report: &mut dyn ProgressSink,
) -> Result<ReplyMessage> {
    const { assert!(FILES == R::FILES, "as the protocol says") };
    let files = files.try_into().map_err(|files: Vec<File>| {
        let message = format!("{FILES} files belong to the request, {} came", files.len());
        WorkerError::new(FailureKind::Internal, message)
    })?;
    request.serve(files, report).map(R::reply_message)
}

/// A text from its start. Its position is shared with the parent, and with workers that had it before; a pipe has none.
fn from_start(mut file: File) -> Result<File> {
    let unreadable = |error: std::io::Error| WorkerError::new(FailureKind::Open, error.to_string());
    if open_file::is_regular(&file).map_err(unreadable)? {
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    }
    Ok(file)
}

impl Serve<0> for PingRequest {
    fn serve(&self, _: [File; 0], _: &mut dyn ProgressSink) -> Result<Build> {
        Ok(Build::own())
    }
}

impl Serve<1> for InspectRequest {
    fn serve(&self, [file]: [File; 1], report: &mut dyn ProgressSink) -> Result<Box<Facts>> {
        let is_small = open_file::is_regular(&file).is_ok_and(|is_regular| is_regular)
            && open_file::length(&file).is_ok_and(|length| length <= SMALL_FILE);
        let facts = match self.lint.is_none() && is_small {
            true => inspect_small(file, self, report)?,
            false => inspect(file, self, report)?,
        };
        Ok(Box::new(facts))
    }
}

impl Serve<1> for ReadNamesRequest {
    fn serve(&self, [file]: [File; 1], report: &mut dyn ProgressSink) -> Result<NamesRead> {
        let (names, notes) = match self.hdf5 {
            true => (
                name_source::read_hdf5(file, &self.rules, self.charset, report)?,
                Vec::new(),
            ),
            false => name_source::read_text(from_start(file)?, self.budget.threads, report)?,
        };
        Ok(NamesRead { names, notes })
    }
}

impl Serve<2> for CompareValuesRequest {
    fn serve(&self, [file, other]: [File; 2], report: &mut dyn ProgressSink) -> Result<()> {
        let Budget { threads, bytes } = self.budget;
        let nameless = UnnamedMatrix::open(file, &self.matrix, self.transpose, threads, bytes)?;
        match self.hdf5 {
            true => nameless.agrees_with(other, &self.other_matrix, report),
            false => nameless.agrees_with_text(from_start(other)?, report),
        }
    }
}

impl Serve<2> for MigrateRequest {
    fn serve(&self, [old, new]: [File; 2], report: &mut dyn ProgressSink) -> Result<Migrated> {
        migrate::migrate(old, new, self, report)
    }
}

impl Serve<1> for SampleRequest {
    fn serve(&self, [old]: [File; 1], report: &mut dyn ProgressSink) -> Result<Sampled> {
        sample(old, self, report)
    }
}

impl Serve<1> for ReadTextRequest {
    fn serve(&self, [input]: [File; 1], report: &mut dyn ProgressSink) -> Result<TextRead> {
        convert::read_text(from_start(input)?, self, report)
    }
}

impl Serve<3> for ConvertRequest {
    fn serve(
        &self,
        [input, new, spool]: [File; 3],
        report: &mut dyn ProgressSink,
    ) -> Result<Converted> {
        convert::convert(from_start(input)?, new, spool, self, report)
    }
}

impl Serve<2> for CompareRequest {
    fn serve(&self, [old, new]: [File; 2], report: &mut dyn ProgressSink) -> Result<Verified> {
        if let Some(crc32) = self.crc32 {
            checksum::check(&new, crc32, self.budget.threads)?;
        }
        verify::compare(old, new, self, report)
    }
}

impl Serve<1> for CheckDigestRequest {
    fn serve(&self, [file]: [File; 1], report: &mut dyn ProgressSink) -> Result<Verified> {
        if let Some(crc32) = self.crc32 {
            checksum::check(&file, crc32, self.budget.threads)?;
        }
        verify::check_digest(file, self, report)
    }
}
