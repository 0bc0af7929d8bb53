//! What serves each request: its files are opened, the thread gives up the right to open others, and the module that
//! does the work gets the request.

use crate::model::facts::Facts;
use crate::model::protocol::{
    Budget, CheckDigestRequest, CompareRequest, CompareValuesRequest, ConvertRequest, Converted,
    InspectRequest, MigrateRequest, Migrated, NamesRead, PingRequest, ReadNamesRequest,
    ReadTextRequest, ReplyMessage, Request, RequestMessage, TextRead, Verified,
};
use crate::worker::error::Result;
use crate::worker::inspect::inspect;
use crate::worker::names::external::UnnamedMatrix;
use crate::worker::names::source as name_source;
use crate::worker::serve::confine::{confine, output, source};
use crate::worker::serve::progress::ProgressSink;
use crate::worker::verify;
use crate::worker::verify::checksum;
use crate::worker::write::convert;
use crate::worker::write::migrate;

/// A request that this worker can serve.
trait Serve: Request {
    fn serve(&self, report: &mut dyn ProgressSink) -> Result<Self::Reply>;
}

/// Serves any request.
pub(crate) fn perform(
    request: &RequestMessage,
    report: &mut dyn ProgressSink,
) -> Result<ReplyMessage> {
    match request {
        RequestMessage::Ping(it) => reply(it, report),
        RequestMessage::Inspect(it) => reply(it, report),
        RequestMessage::ReadNames(it) => reply(it, report),
        RequestMessage::CompareValues(it) => reply(it, report),
        RequestMessage::Migrate(it) => reply(it, report),
        RequestMessage::ReadText(it) => reply(it, report),
        RequestMessage::Convert(it) => reply(it, report),
        RequestMessage::Compare(it) => reply(it, report),
        RequestMessage::CheckDigest(it) => reply(it, report),
    }
}

fn reply<R: Serve>(request: &R, report: &mut dyn ProgressSink) -> Result<ReplyMessage> {
    request.serve(report).map(R::reply_message)
}

impl Serve for PingRequest {
    fn serve(&self, _: &mut dyn ProgressSink) -> Result<()> {
        Ok(())
    }
}

impl Serve for InspectRequest {
    fn serve(&self, report: &mut dyn ProgressSink) -> Result<Box<Facts>> {
        let file = source(&self.path)?;
        confine(&[&file], &[])?;
        inspect(file, self, report).map(Box::new)
    }
}

impl Serve for ReadNamesRequest {
    fn serve(&self, report: &mut dyn ProgressSink) -> Result<NamesRead> {
        let file = source(&self.path)?;
        confine(&[&file], &[])?;
        let (names, notes) = match self.hdf5 {
            true => (
                name_source::read_hdf5(file, &self.rules, self.charset, report)?,
                Vec::new(),
            ),
            false => name_source::read_text(file, self.budget.threads, report)?,
        };
        Ok(NamesRead { names, notes })
    }
}

impl Serve for CompareValuesRequest {
    fn serve(&self, report: &mut dyn ProgressSink) -> Result<()> {
        let (file, other) = (source(&self.path)?, source(&self.other)?);
        confine(&[&file, &other], &[])?;
        let Budget { threads, bytes } = self.budget;
        let nameless = UnnamedMatrix::open(file, &self.matrix, self.transpose, threads, bytes)?;
        match self.hdf5 {
            true => nameless.agrees_with(other, &self.other_matrix, report),
            false => nameless.agrees_with_text(other, report),
        }
    }
}

impl Serve for MigrateRequest {
    fn serve(&self, report: &mut dyn ProgressSink) -> Result<Migrated> {
        let (old, new) = (source(&self.source)?, output(&self.temporary)?);
        confine(&[&old], &[&new])?;
        migrate::migrate(old, new, self, report)
    }
}

impl Serve for ReadTextRequest {
    fn serve(&self, report: &mut dyn ProgressSink) -> Result<TextRead> {
        let input = source(&self.input)?;
        confine(&[&input], &[])?;
        convert::read_text(input, self, report)
    }
}

impl Serve for ConvertRequest {
    fn serve(&self, report: &mut dyn ProgressSink) -> Result<Converted> {
        let input = source(&self.input)?;
        let (new, spool) = (output(&self.temporary)?, output(&self.spool)?);
        confine(&[&input], &[&new, &spool])?;
        convert::convert(input, new, spool, self, report)
    }
}

impl Serve for CompareRequest {
    fn serve(&self, report: &mut dyn ProgressSink) -> Result<Verified> {
        let (old, new) = (source(&self.old)?, source(&self.new)?);
        confine(&[&old, &new], &[])?;
        if let Some(crc32) = self.crc32 {
            checksum::check(&new, crc32, self.budget.threads)?;
        }
        verify::compare(old, new, self, report)
    }
}

impl Serve for CheckDigestRequest {
    fn serve(&self, report: &mut dyn ProgressSink) -> Result<Verified> {
        let file = source(&self.path)?;
        confine(&[&file], &[])?;
        if let Some(crc32) = self.crc32 {
            checksum::check(&file, crc32, self.budget.threads)?;
        }
        verify::check_digest(file, self, report)
    }
}
