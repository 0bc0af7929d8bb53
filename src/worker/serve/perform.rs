//! Serves each kind of request.

use crate::model::protocol::{Reply, Request};
use crate::worker::error::Result;
use crate::worker::inspect::{Looking, inspect};
use crate::worker::names::external::Nameless;
use crate::worker::names::source as name_source;
use crate::worker::serve::confine::{confine, output, source};
use crate::worker::serve::progress::Report;
use crate::worker::verify as proof;
use crate::worker::verify::checksum;
use crate::worker::verify::{Comparison, DigestCheck, Proof};
use crate::worker::write::convert;
use crate::worker::write::convert::Files;
use crate::worker::write::migrate;
use crate::worker::write::migrate::{Job, Migrated};

/// Opens the files of a request, gives up the right to open others, and serves it.
pub(crate) fn perform(request: &Request, report: &mut dyn Report) -> Result<Reply> {
    match request {
        Request::Ping => Ok(Reply::Pong),
        Request::Inspect {
            path,
            rules,
            charset,
            lint,
        } => {
            let file = source(path)?;
            confine(&[&file], &[])?;
            let looking = Looking {
                rules,
                charset: *charset,
                lint: *lint,
            };
            let facts = inspect(file, &looking, report)?;
            Ok(Reply::Inspected(Box::new(facts)))
        }
        Request::Migrate {
            source: old,
            temporary,
            recipe,
            threads,
            limit,
        } => {
            let (old, new) = (source(old)?, output(temporary)?);
            confine(&[&old], &[&new])?;
            let job = Job {
                recipe,
                threads: *threads,
                limit: *limit,
            };
            let Migrated {
                written_as,
                digest,
                salvaged,
                crc32,
            } = migrate::migrate(old, new, &job, report)?;
            Ok(Reply::Migrated {
                written_as,
                digest,
                salvaged,
                crc32,
            })
        }
        Request::ReadNames {
            path,
            hdf5,
            rules,
            charset,
            threads,
        } => {
            let file = source(path)?;
            confine(&[&file], &[])?;
            let names = match hdf5 {
                true => name_source::read_hdf5(file, rules, *charset, report)?,
                false => name_source::read_text(file, *threads, report)?,
            };
            Ok(Reply::NamesRead(names))
        }
        Request::CompareValues {
            path,
            matrix,
            other,
            hdf5,
            other_matrix,
            threads,
            limit,
        } => {
            let (file, other) = (source(path)?, source(other)?);
            confine(&[&file, &other], &[])?;
            let nameless = Nameless::open(file, matrix, *threads, *limit)?;
            match hdf5 {
                true => nameless.agrees_with(other, other_matrix, report)?,
                false => nameless.agrees_with_text(other, report)?,
            }
            Ok(Reply::ValuesAgree)
        }
        Request::ReadText {
            input,
            conversion,
            threads,
        } => {
            let input = source(input)?;
            confine(&[&input], &[])?;
            let (facts, digest) = convert::read_text(input, conversion, *threads, report)?;
            Ok(Reply::TextRead {
                facts: Box::new(facts),
                digest,
            })
        }
        Request::Convert {
            input,
            temporary,
            spool,
            conversion,
            threads,
            limit,
        } => {
            let files = Files {
                input: source(input)?,
                output: output(temporary)?,
                spool: output(spool)?,
            };
            confine(&[&files.input], &[&files.output, &files.spool])?;
            let converted = convert::convert(files, conversion, *threads, *limit, report)?;
            Ok(Reply::Converted {
                facts: Box::new(converted.facts),
                written_as: converted.written_as,
                digest: converted.digest,
                crc32: converted.crc32,
            })
        }
        Request::Compare {
            old,
            new,
            level,
            recipe,
            rules,
            charset,
            crc32,
            part,
            threads,
            limit,
        } => {
            let (old, new) = (source(old)?, source(new)?);
            confine(&[&old, &new], &[])?;
            if let Some(crc32) = crc32 {
                checksum::check(&new, *crc32, *threads)?;
            }
            let job = Comparison {
                level: *level,
                recipe: recipe.as_deref().cloned(),
                rules: rules.clone(),
                charset: *charset,
                part: part.clone(),
                threads: *threads,
                limit: *limit,
            };
            Ok(verified(proof::compare(old, new, &job, report)?))
        }
        Request::CheckDigest {
            path,
            level,
            crc32,
            part,
            threads,
            limit,
        } => {
            let file = source(path)?;
            confine(&[&file], &[])?;
            if let Some(crc32) = crc32 {
                checksum::check(&file, *crc32, *threads)?;
            }
            let job = DigestCheck {
                level: *level,
                part: part.clone(),
                threads: *threads,
                limit: *limit,
            };
            Ok(verified(proof::check_digest(file, &job, report)?))
        }
    }
}

fn verified(proof: Proof) -> Reply {
    Reply::Verified {
        digest: proof.digest,
        hashed: proof.nodes.is_some(),
        nodes: proof.nodes.unwrap_or_default(),
        witness: Box::new(proof.witness),
    }
}
