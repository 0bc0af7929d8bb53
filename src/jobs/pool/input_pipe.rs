//! Pipes as input: whoever writes them may take any time, and a pipe with a name may have no writer at all.

use crate::jobs::settings::WorkerSettings;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// How often a wait looks for an interrupt.
const INTERVAL: Duration = Duration::from_millis(50);

/// Whether one of these is a pipe, or something else that is no file, from which nothing can be read at this moment.
pub(crate) fn waits_for_pipe(files: &[&File]) -> bool {
    let is_file = |file: &File| file.metadata().is_ok_and(|it| it.is_file());
    files
        .iter()
        .any(|file| !is_file(file) && matches!(is_ready(file, Duration::ZERO), Ok(false)))
}

/// Whether something can be read, or everything has been. Waits that long for it.
fn is_ready(file: &File, most: Duration) -> io::Result<bool> {
    let timeout = Timespec::try_from(most).map_err(io::Error::other)?;
    match poll(&mut [PollFd::new(file, PollFlags::IN)], Some(&timeout)) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Opens a file or a pipe for reading. One that has a name and no writer is waited for as long as a worker may
/// make no progress, or until the user asks to stop.
pub(crate) fn open_input(path: &Path, worker: &WorkerSettings) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    // /dev/fd/63, which a shell makes of <(zcat a.tsv.gz), leads to no name and has its writer already.
    if path.canonicalize().is_ok() {
        wait_for_writer(&file, worker)?;
    }
    let blocking = fcntl_getfl(&file)? - OFlags::NONBLOCK;
    fcntl_setfl(&file, blocking)?;
    Ok(file)
}

fn wait_for_writer(pipe: &File, worker: &WorkerSettings) -> io::Result<()> {
    let until = Instant::now() + worker.timeout;
    while !is_ready(pipe, INTERVAL)? {
        if worker.interrupt.is_set() {
            return Err(io::Error::new(io::ErrorKind::Interrupted, "interrupted"));
        }
        if Instant::now() >= until {
            let message = format!(
                "no program has written to this pipe within {} s (--timeout)",
                worker.timeout.as_secs_f64()
            );
            return Err(io::Error::new(io::ErrorKind::TimedOut, message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::interrupt::Interrupt;
    use std::io::{Read, Write};
    use std::sync::atomic::Ordering;

    fn worker(milliseconds: u64) -> WorkerSettings {
        WorkerSettings {
            program: "/bin/false".into(),
            memory: 1 << 30,
            timeout: Duration::from_millis(milliseconds),
            interrupt: Interrupt::default(),
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_with_a_name_is_waited_for() {
        use rustix::fs::{CWD, FileType, mknodat};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();

        let error = open_input(&path, &worker(60)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let patient = worker(600_000);
        patient.interrupt.flag().store(true, Ordering::SeqCst);
        let error = open_input(&path, &patient).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Interrupted);

        let writer = std::thread::spawn({
            let path = path.clone();
            move || {
                let mut pipe = File::options().write(true).open(path).unwrap();
                pipe.write_all(b"a").unwrap();
                std::thread::sleep(Duration::from_millis(60));
                pipe.write_all(b"b").unwrap();
            }
        });
        let mut text = String::new();
        let mut pipe = open_input(&path, &worker(600_000)).unwrap();
        pipe.read_to_string(&mut text).unwrap();
        assert_eq!(text, "ab", "it blocks again");
        writer.join().unwrap();
    }

    #[test]
    fn a_pipe_without_data_is_waited_for_and_a_file_is_not() {
        let (reader, mut writer) = io::pipe().unwrap();
        let reader = File::from(std::os::fd::OwnedFd::from(reader));
        assert!(waits_for_pipe(&[&reader]));
        writer.write_all(b"a").unwrap();
        assert!(!waits_for_pipe(&[&reader]));
        assert!(!waits_for_pipe(&[&tempfile::tempfile().unwrap()]));
        drop(writer);
        assert!(!waits_for_pipe(&[&reader]));
    }
}
