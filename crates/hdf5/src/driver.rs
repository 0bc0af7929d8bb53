//! A virtual file driver: the library reads and writes a descriptor that is open already, or bytes in memory,
//! and opens nothing itself.
//!
//! It does what the library's own driver for files (`H5FDsec2.c`) does: same order of calls, same features, so that new
//! files have the same bytes. Three things are left out. It has no locks, because the parent process holds them. It does
//! not delete files. And it does not claim `H5FD_FEAT_POSIX_COMPAT_HANDLE`, for which the library would resolve
//! symbolic links along the file's name. It asks for the length of a file by `fstat`, which takes a descriptor and no path; the
//! calls of `std::fs::File::metadata` take a path as well, and a confined process may not make them.
//!
//! A file is handed to the driver for the duration of one call ([`opening`]). Whatever else the library tries to open, an
//! external link for instance, fails.

mod class;

use crate::driver::class::{FileHead, descriptor_class};
use crate::error::{H5Error, Result, done};
use crate::handle::Handle;
use hdf5_sys::h5::{HADDR_UNDEF, haddr_t, herr_t};
use hdf5_sys::h5e::{
    H5E_CANTOPENFILE, H5E_DEFAULT, H5E_ERR_CLS, H5E_FILE, H5E_IO, H5E_READERROR, H5E_SEEKERROR,
    H5E_WRITEERROR, H5Epush2,
};
use hdf5_sys::h5f::{H5F_ACC_RDWR, H5F_ACC_TRUNC};
use hdf5_sys::h5fd::H5FDregister;
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5p::H5Pset_driver;
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_ulong, c_void};
use std::fs;
use std::io;
use std::os::unix::fs::FileExt;
use std::ptr::null;
use std::sync::{Arc, OnceLock};

/// What the library calls any file. It would ask for the current folder if this were a relative path.
pub(crate) const NAME: &CStr = c"/descriptor";

/// Where the bytes of a file are.
#[derive(Debug, Clone)]
pub(crate) struct Backing {
    descriptor: Arc<fs::File>,
    status: FileStatus,
    /// All bytes, where they were read at once; such a file is read-only.
    image: Option<Arc<Vec<u8>>>,
}

/// What the system said of a file when it was opened.
#[derive(Debug, Clone, Copy)]
struct FileStatus {
    device: u64,
    inode: u64,
    length: u64,
}

thread_local! {
    /// The file that the call in work may open.
    static OFFERED: RefCell<Option<Backing>> = const { RefCell::new(None) };
}

/// Runs a call that opens or creates a file named [`NAME`], and lets the driver open this one meanwhile.
pub(crate) fn opening<T>(backing: &Backing, call: impl FnOnce() -> T) -> T {
    OFFERED.with_borrow_mut(|offered| *offered = Some(backing.clone()));
    let opened = call();
    OFFERED.with_borrow_mut(|offered| *offered = None);
    opened
}

/// Makes files that are opened with these properties use this driver.
pub(crate) fn use_in(access: &Handle) -> Result<()> {
    let driver = registered()?;
    // SAFETY: an open file access property list and a registered driver, which has no properties.
    done("choosing the file driver", || unsafe {
        H5Pset_driver(access.id(), driver, null())
    })
}

/// The driver, which stays registered for the life of the process.
fn registered() -> Result<hid_t> {
    static DRIVER: OnceLock<hid_t> = OnceLock::new();
    if let Some(driver) = DRIVER.get() {
        return Ok(*driver);
    }
    let class = descriptor_class();
    let driver = crate::handle::id("registering the file driver", || unsafe {
        // SAFETY: a complete class of the library's version, which the library copies; its name is static.
        H5FDregister((&raw const class).cast())
    })?;
    Ok(*DRIVER.get_or_init(|| driver.keep()))
}

/// An open file. The library knows of the first field only.
#[repr(C)]
struct DriverFile {
    head: FileHead,
    backing: Backing,
    end_of_file: haddr_t,
    end_of_addresses: haddr_t,
}

impl DriverFile {
    fn open(flags: c_uint) -> io::Result<Self> {
        let backing = OFFERED
            .with_borrow(Clone::clone)
            .ok_or_else(|| io::Error::from(io::ErrorKind::PermissionDenied))?;
        let mut end_of_file = backing.status.length;
        if backing.image.is_some() && flags & H5F_ACC_RDWR != 0 {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        if flags & H5F_ACC_TRUNC != 0 {
            backing.descriptor.set_len(0)?;
            end_of_file = 0;
        }
        Ok(DriverFile {
            head: FileHead::default(),
            end_of_file,
            end_of_addresses: 0,
            backing,
        })
    }

    /// What lies behind the end of the file is zero, as an address may be in use that was never written.
    fn read(&self, address: haddr_t, buffer: &mut [u8]) -> io::Result<()> {
        let there = match &self.backing.image {
            None => read_there(&self.backing.descriptor, address, buffer)?,
            Some(image) => {
                let from = usize::try_from(address).unwrap_or(usize::MAX);
                let rest = image.get(from..).unwrap_or_default();
                let there = rest.len().min(buffer.len());
                buffer[..there].copy_from_slice(&rest[..there]);
                there
            }
        };
        buffer[there..].fill(0);
        Ok(())
    }

    fn write(&mut self, address: haddr_t, bytes: &[u8]) -> io::Result<()> {
        let descriptor = self.backing.writable()?;
        descriptor.write_all_at(bytes, address)?;
        self.end_of_file = self.end_of_file.max(address + bytes.len() as u64);
        Ok(())
    }

    fn truncate(&mut self) -> io::Result<()> {
        if self.end_of_addresses == self.end_of_file {
            return Ok(());
        }
        let descriptor = self.backing.writable()?;
        descriptor.set_len(self.end_of_addresses)?;
        self.end_of_file = self.end_of_addresses;
        Ok(())
    }
}

/// Reads up to the end of the buffer or of the file; how many bytes.
fn read_there(descriptor: &fs::File, address: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match descriptor.read_at(&mut buffer[done..], address + done as u64) {
            Ok(0) => break,
            Ok(read) => done += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Whether an address range can be one of a file.
fn check_range(address: haddr_t, size: usize) -> io::Result<()> {
    let end = address.checked_add(size as u64);
    if address != HADDR_UNDEF && end.is_some_and(|end| i64::try_from(end).is_ok()) {
        return Ok(());
    }
    Err(io::Error::other(format!("no such address: {address}")))
}

/// Puts an error on the library's stack, in the words of its own driver.
fn push(major: hid_t, minor: hid_t, what: &str, error: &io::Error) {
    let text = error.to_string();
    // The library's driver has the system's words alone.
    let text = text.split(" (os error").next().unwrap_or_default();
    let message = CString::new(format!("{what}: {text}")).unwrap_or_default();
    // SAFETY: NUL-terminated texts; the library copies the message, which the format takes as its only argument.
    unsafe {
        H5Epush2(
            H5E_DEFAULT,
            c"driver.rs".as_ptr(),
            c"driver".as_ptr(),
            0,
            *H5E_ERR_CLS,
            major,
            minor,
            c"%s".as_ptr(),
            message.as_ptr(),
        );
    }
}

const DONE: herr_t = 0;
const FAILED: herr_t = -1;

fn status(result: io::Result<()>, minor: hid_t, what: &str) -> herr_t {
    match result {
        Ok(()) => DONE,
        Err(error) => {
            push(*H5E_IO, minor, what, &error);
            FAILED
        }
    }
}

// The library calls these with files that `open` returned and `close` has not had yet, and with buffers of the sizes
// that it says. It holds its lock in each call.

unsafe extern "C" fn open(
    _name: *const c_char,
    flags: c_uint,
    _access: hid_t,
    _limit: haddr_t,
) -> *mut FileHead {
    match DriverFile::open(flags) {
        Ok(file) => Box::into_raw(Box::new(file)).cast(),
        Err(error) => {
            push(*H5E_FILE, *H5E_CANTOPENFILE, "unable to open file", &error);
            std::ptr::null_mut()
        }
    }
}

unsafe extern "C" fn close(file: *mut FileHead) -> herr_t {
    // SAFETY: it came from `open`, and this is its last use.
    drop(unsafe { Box::from_raw(file.cast::<DriverFile>()) });
    DONE
}

unsafe extern "C" fn compare(a: *const FileHead, b: *const FileHead) -> c_int {
    // SAFETY: open files.
    let [a, b] = [a, b].map(|file| unsafe { &*file.cast::<DriverFile>() });
    a.backing.identity().cmp(&b.backing.identity()) as c_int
}

unsafe extern "C" fn query(_file: *const FileHead, flags: *mut c_ulong) -> herr_t {
    if !flags.is_null() {
        // SAFETY: the library's variable.
        unsafe { *flags = class::FEATURES };
    }
    DONE
}

unsafe extern "C" fn end_of_addresses(file: *const FileHead, _kind: c_int) -> haddr_t {
    // SAFETY: an open file.
    unsafe { (*file.cast::<DriverFile>()).end_of_addresses }
}

unsafe extern "C" fn set_end_of_addresses(
    file: *mut FileHead,
    _kind: c_int,
    address: haddr_t,
) -> herr_t {
    // SAFETY: an open file.
    unsafe { (*file.cast::<DriverFile>()).end_of_addresses = address };
    DONE
}

unsafe extern "C" fn end_of_file(file: *const FileHead, _kind: c_int) -> haddr_t {
    // SAFETY: an open file.
    unsafe { (*file.cast::<DriverFile>()).end_of_file }
}

unsafe extern "C" fn read(
    file: *mut FileHead,
    _kind: c_int,
    _transfer: hid_t,
    address: haddr_t,
    size: usize,
    buffer: *mut c_void,
) -> herr_t {
    if let Err(error) = check_range(address, size) {
        return status(Err(error), *H5E_READERROR, "file read failed");
    }
    if size == 0 {
        return DONE;
    }
    // SAFETY: an open file, and a buffer of this size. The library does not always initialise it, and neither bits nor
    // alignment of bytes can be wrong.
    let (file, buffer) = unsafe {
        (
            &*file.cast::<DriverFile>(),
            std::slice::from_raw_parts_mut(buffer.cast::<u8>(), size),
        )
    };
    status(
        file.read(address, buffer),
        *H5E_READERROR,
        "file read failed",
    )
}

unsafe extern "C" fn write(
    file: *mut FileHead,
    _kind: c_int,
    _transfer: hid_t,
    address: haddr_t,
    size: usize,
    bytes: *const c_void,
) -> herr_t {
    if let Err(error) = check_range(address, size) {
        return status(Err(error), *H5E_WRITEERROR, "file write failed");
    }
    if size == 0 {
        return DONE;
    }
    // SAFETY: an open file, and as many bytes.
    let (file, bytes) = unsafe {
        (
            &mut *file.cast::<DriverFile>(),
            std::slice::from_raw_parts(bytes.cast::<u8>(), size),
        )
    };
    status(
        file.write(address, bytes),
        *H5E_WRITEERROR,
        "file write failed",
    )
}

unsafe extern "C" fn truncate(file: *mut FileHead, _transfer: hid_t, _closing: bool) -> herr_t {
    // SAFETY: an open file.
    let file = unsafe { &mut *file.cast::<DriverFile>() };
    status(
        file.truncate(),
        *H5E_SEEKERROR,
        "unable to extend file properly",
    )
}

impl Backing {
    /// An open file.
    pub(crate) fn of(descriptor: fs::File) -> Result<Self> {
        Backing::read_from(descriptor, |_, _| Ok(None))
    }

    /// All bytes of a file, which is read once.
    pub(crate) fn image(descriptor: fs::File) -> Result<Self> {
        Backing::read_from(descriptor, |descriptor, length| {
            let length = usize::try_from(length).map_err(io::Error::other)?;
            let mut bytes = vec![0; length];
            descriptor.read_exact_at(&mut bytes, 0)?;
            Ok(Some(Arc::new(bytes)))
        })
    }

    fn read_from(
        descriptor: fs::File,
        read: impl FnOnce(&fs::File, u64) -> io::Result<Option<Arc<Vec<u8>>>>,
    ) -> Result<Self> {
        let open = || {
            let status = FileStatus::of(&descriptor)?;
            Ok((status, read(&descriptor, status.length)?))
        };
        let (status, image) = open()
            .map_err(|error: io::Error| H5Error::found("opening the file", error.to_string()))?;
        Ok(Backing {
            descriptor: Arc::new(descriptor),
            status,
            image,
        })
    }

    /// The descriptor beneath.
    pub(crate) fn descriptor(&self) -> &fs::File {
        &self.descriptor
    }

    pub(crate) fn into_descriptor(self) -> Arc<fs::File> {
        self.descriptor
    }

    pub(crate) fn bytes(&self) -> Option<&Vec<u8>> {
        self.image.as_deref()
    }

    /// In bytes, when it was opened.
    pub(crate) fn length(&self) -> u64 {
        self.status.length
    }

    /// By this, the library recognises a file that it has open already.
    fn identity(&self) -> (u64, u64) {
        (self.status.device, self.status.inode)
    }

    fn writable(&self) -> io::Result<&fs::File> {
        match self.image {
            None => Ok(&self.descriptor),
            Some(_) => Err(io::ErrorKind::PermissionDenied.into()),
        }
    }
}

impl FileStatus {
    fn of(descriptor: &fs::File) -> io::Result<Self> {
        let status = rustix::fs::fstat(descriptor)?;
        Ok(FileStatus {
            device: number(status.st_dev),
            inode: number(status.st_ino),
            length: number(status.st_size),
        })
    }
}

/// A number of `fstat`, whose type depends on the system.
fn number(value: impl Into<i128>) -> u64 {
    u64::try_from(value.into()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
