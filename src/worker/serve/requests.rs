//! Requests as they come through the socket: a line each, with the descriptors of its files.

use crate::model::protocol::{Core, MOST_FILES, RequestMessage};
use rustix::io::Errno;
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, recvmsg};
use std::fs::File;
use std::io;
use std::io::IoSliceMut;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;

/// The worker's end of the socket.
#[derive(Debug)]
pub(crate) struct Requests {
    socket: OwnedFd,
    received: Vec<u8>,
    is_cut: bool,
}

/// One line from the parent.
#[derive(Debug)]
pub(crate) enum Received {
    Request {
        /// The core that it may use.
        core: Core,
        request: Box<RequestMessage>,
        files: Vec<File>,
    },
    /// It cannot be parsed.
    Nonsense(serde_json::Error),
    /// Its files were lost: this process may open no more.
    Lost,
}

impl Requests {
    pub(crate) fn new(socket: OwnedFd) -> Self {
        Requests {
            socket,
            received: Vec::new(),
            is_cut: false,
        }
    }

    /// Waits for the next request; `None` when there will be no more. The parent sends one at a time, so all
    /// descriptors that arrive belong to it.
    pub(crate) fn next(&mut self) -> io::Result<Option<Received>> {
        let mut files = Vec::new();
        self.received.clear();
        while !self.received.ends_with(b"\n") {
            if self.receive(&mut files)? == 0 {
                return Ok(None);
            }
        }
        if self.is_cut {
            self.is_cut = false;
            return Ok(Some(Received::Lost));
        }
        Ok(Some(match serde_json::from_slice(&self.received) {
            Ok((core, request)) => Received::Request {
                core,
                request: Box::new(request),
                files,
            },
            Err(error) => Received::Nonsense(error),
        }))
    }

    /// Appends what is there, and waits for something before; how many bytes.
    fn receive(&mut self, files: &mut Vec<File>) -> io::Result<usize> {
        let mut block = [0; 16 << 10];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_FILES))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let message = loop {
            let into = &mut [IoSliceMut::new(&mut block)];
            // A worker executes no program that could inherit the descriptors.
            match recvmsg(&self.socket, into, &mut ancillary, RecvFlags::empty()) {
                Err(Errno::INTR) => {}
                received => break received?,
            }
        };
        // More came than this process may have open.
        self.is_cut |= message.flags.contains(ReturnFlags::CTRUNC);
        for passed in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(descriptors) = passed {
                files.extend(descriptors.map(File::from));
            }
        }
        self.received.extend_from_slice(&block[..message.bytes]);
        Ok(message.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::protocol::{PingRequest, Request};
    use std::io::Write;
    use std::os::unix::net::UnixStream;

    #[test]
    fn a_request_in_pieces_is_one_and_nonsense_is_told() {
        let (mut parent, worker) = UnixStream::pair().unwrap();
        let mut requests = Requests::new(worker.into());
        let core = Core { index: 1, of: 2 };
        let line = serde_json::to_string(&(core, PingRequest.into_message())).unwrap();
        let (start, end) = line.split_at(9);
        let sender = std::thread::spawn({
            let (start, end) = (start.to_string(), end.to_string());
            move || {
                parent.write_all(start.as_bytes()).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(20));
                parent.write_all(end.as_bytes()).unwrap();
                parent.write_all(b"\n").unwrap();
                parent
            }
        });
        let Some(Received::Request { core: told, .. }) = requests.next().unwrap() else {
            panic!("it is a request");
        };
        assert_eq!(told, core);
        let mut parent = sender.join().unwrap();
        parent.write_all(b"{}\n").unwrap();
        let nonsense = requests.next().unwrap().unwrap();
        assert!(matches!(nonsense, Received::Nonsense(_)), "{nonsense:?}");
        drop(parent);
        assert!(requests.next().unwrap().is_none());
    }
}
