//! Ownership of the library's identifiers.

use crate::error::{H5Error, Result, done};
use hdf5_sys::h5::herr_t;
use hdf5_sys::h5i::{H5Idec_ref, hid_t};
use hdf5_sys::h5p::H5P_DEFAULT;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr::null_mut;

/// The usual properties, where a call wants a list of them.
pub(crate) const DEFAULT: hid_t = H5P_DEFAULT;

/// An identifier that is released when dropped. Not `Send`: a worker talks to the library from
/// one thread, so that no codec thread ever waits for its lock.
#[derive(Debug)]
pub struct Handle {
    id: hid_t,
    not_send: PhantomData<*const ()>,
}

impl Handle {
    pub(crate) fn own(id: hid_t) -> Self {
        Handle {
            id,
            not_send: PhantomData,
        }
    }

    pub(crate) fn id(&self) -> hid_t {
        self.id
    }

    /// Leaves the identifier open for as long as the process lives.
    pub(crate) fn keep(self) -> hid_t {
        let id = self.id;
        std::mem::forget(self);
        id
    }

    /// Releases the identifier and says whether that worked; `Drop` cannot.
    pub fn close(self, what: &str) -> Result<()> {
        let id = self.id;
        std::mem::forget(self);
        // SAFETY: this handle owned one reference and gives it up here.
        done(what, || unsafe { H5Idec_ref(id) })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        hdf5::sync::sync(|| {
            // SAFETY: this handle owns one reference. A failure here concerns an object that was
            // only read, or one whose writer already failed: written files use `close`.
            unsafe { H5Idec_ref(self.id) };
        });
    }
}

/// What a call like `H5Tencode` writes: it is called with no buffer for the length, and then with a buffer of that length.
pub(crate) fn encoded(
    what: &str,
    call: impl Fn(*mut c_void, &mut usize) -> herr_t,
) -> Result<Vec<u8>> {
    let mut length = 0;
    done(what, || call(null_mut(), &mut length))?;
    let mut bytes = vec![0_u8; length];
    done(what, || call(bytes.as_mut_ptr().cast(), &mut length))?;
    Ok(bytes)
}

/// Runs a call that returns an identifier.
pub(crate) fn id(what: &str, call: impl FnOnce() -> hid_t) -> Result<Handle> {
    hdf5::sync::sync(|| {
        let id = call();
        if id < 0 {
            return Err(H5Error::current(what));
        }
        Ok(Handle::own(id))
    })
}
