//! Groups, datasets and committed datatypes: what they are and how they are linked.

use crate::dtype::Dtype;
use crate::error::{H5Error, Result, count, done, yes};
use crate::group;
use crate::handle::{DEFAULT, Handle, id};
use crate::link::{Link, LinkTarget, link, link_properties, links};
use hdf5_sys::h5::H5_index_t;
use hdf5_sys::h5g::{H5Gcreate2, H5Gget_create_plist};
use hdf5_sys::h5i::{H5I_type_t, H5Iget_type, hid_t};
use hdf5_sys::h5l::{H5Lcreate_external, H5Lcreate_soft, H5Lexists};
use hdf5_sys::h5o::{H5O_INFO_BASIC, H5O_info2_t, H5Oget_comment, H5Oget_info3, H5Olink, H5Oopen};
use hdf5_sys::h5p::{H5P_CRT_ORDER_TRACKED, H5Pget_link_creation_order, H5Pset_obj_track_times};
use std::ffi::{CStr, CString};

/// An open object of a file.
#[derive(Debug)]
pub struct Object {
    handle: Handle,
}

/// Type of an object (`H5O_type_t`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    /// `H5O_TYPE_GROUP`.
    Group,
    /// `H5O_TYPE_DATASET`.
    Dataset,
    /// A type with a name.
    Datatype,
}

/// Identity of an object inside of its file: two links with equal tokens are one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token([u8; 16]);

/// Names the object, and the one kind of damage that HDF5 causes by itself.
///
/// An object header counts the bytes of a message in 16 bits and aligns messages to 8: an attribute
/// whose fixed-length values take 65,473 to 65,479 bytes passes the writer's check, and is then stored
/// with a length that no reader accepts (seen with HDF5 1.12 to 2.0).
fn unopened(path: &CStr, error: H5Error) -> H5Error {
    let cause = if error.cause.contains(NOT_ALIGNED) {
        format!(
            "{NOT_ALIGNED}: an attribute of 65,473 to 65,479 bytes of fixed-length text (4,365 names of 15 \
             bytes, say) does this to its object: HDF5 writes it without an error and never opens the object \
             again. The values may still be in the file, but the library cannot reach them"
        )
    } else {
        error.cause
    };
    H5Error::found(format!("opening {}", path.to_string_lossy()), cause)
}

const NOT_ALIGNED: &str = "message not aligned";

impl Object {
    pub(crate) fn open(location: &Handle, path: &CStr) -> Result<Self> {
        // SAFETY: an open location and a NUL-terminated path.
        let handle = id("opening an object", || unsafe {
            H5Oopen(location.id(), path.as_ptr(), DEFAULT)
        })
        .map_err(|error| unopened(path, error))?;
        Ok(Object { handle })
    }

    pub(crate) fn from_handle(handle: Handle) -> Self {
        Object { handle }
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    pub(crate) fn id(&self) -> hid_t {
        self.handle.id()
    }

    /// Releases the object and says whether that worked.
    pub fn close(self, what: &str) -> Result<()> {
        self.handle.close(what)
    }

    /// Its type (`H5Oget_info3`).
    pub fn kind(&self) -> Result<ObjectKind> {
        // SAFETY: an open identifier.
        match unsafe { H5Iget_type(self.id()) } {
            H5I_type_t::H5I_GROUP => Ok(ObjectKind::Group),
            H5I_type_t::H5I_DATASET => Ok(ObjectKind::Dataset),
            H5I_type_t::H5I_DATATYPE => Ok(ObjectKind::Datatype),
            _ => Err(H5Error::found(
                "opening an object",
                "it is of no known kind",
            )),
        }
    }

    /// Address of the object's header, as the native file format has it: the first bytes of its token. Only
    /// for checks that may be wrong.
    pub fn header_address(&self) -> Result<u64> {
        let Token(bytes) = self.token()?;
        let (address, _) = bytes.split_at(8);
        Ok(address
            .iter()
            .rev()
            .fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
    }

    /// Its token (`H5O_token_t`): equal for two links to one object.
    pub fn token(&self) -> Result<Token> {
        // SAFETY: plain numbers, for all of which zero is a value.
        let mut info: H5O_info2_t = unsafe { std::mem::zeroed() };
        // SAFETY: an open object; the variable outlives the call.
        done("reading an object's header", || unsafe {
            H5Oget_info3(self.id(), &mut info, H5O_INFO_BASIC)
        })?;
        // SAFETY: `H5O_token_t` is 16 plain bytes (`H5O_MAX_TOKEN_SIZE`).
        Ok(Token(unsafe { std::mem::transmute_copy(&info.token) }))
    }

    /// Whether a group has a link of this name; an error if that cannot be determined.
    pub fn has_link(&self, name: &CStr) -> Result<bool> {
        // SAFETY: an open group and a NUL-terminated name.
        yes("looking for a link", || unsafe {
            H5Lexists(self.id(), name.as_ptr(), DEFAULT)
        })
    }

    /// The link of this name, which must exist.
    pub fn link(&self, name: &CStr) -> Result<Link> {
        link(self.id(), name)
    }

    /// The child of this name, through a hard or soft link.
    pub fn child(&self, name: &CStr) -> Result<Object> {
        Object::open(&self.handle, name)
    }

    /// The object at a path below this group, when hard links alone lead there.
    pub fn at(&self, path: &[u8]) -> Result<Option<Object>> {
        let mut reached: Option<Object> = None;
        for step in path
            .split(|byte| *byte == b'/')
            .filter(|step| !step.is_empty())
        {
            let Ok(name) = CString::new(step) else {
                return Ok(None);
            };
            let here = reached.as_ref().unwrap_or(self);
            if here.kind()? != ObjectKind::Group
                || !here.has_link(&name)?
                || here.link(&name)?.target != LinkTarget::Hard
            {
                return Ok(None);
            }
            reached = Some(here.child(&name)?);
        }
        match reached {
            Some(object) => Ok(Some(object)),
            None => self.child(c".").map(Some),
        }
    }

    /// All links of a group: in the order of creation where it remembers it, else by name.
    pub fn links(&self) -> Result<Vec<Link>> {
        let index = if tracks_link_order(self)? {
            H5_index_t::H5_INDEX_CRT_ORDER
        } else {
            H5_index_t::H5_INDEX_NAME
        };
        links(self.id(), index)
    }

    /// The comment that old programs attached to an object.
    pub fn comment(&self) -> Result<Option<CString>> {
        const WHAT: &str = "reading a comment";
        // SAFETY: an open object; no buffer asks for the length.
        let length = count(WHAT, || unsafe {
            H5Oget_comment(self.id(), std::ptr::null_mut(), 0)
        })?;
        if length == 0 {
            return Ok(None);
        }
        let mut text = vec![0_u8; length + 1];
        // SAFETY: the buffer has the stated length.
        count(WHAT, || unsafe {
            H5Oget_comment(self.id(), text.as_mut_ptr().cast(), text.len())
        })?;
        CStr::from_bytes_until_nul(&text)
            .map(|comment| Some(comment.to_owned()))
            .map_err(|_| H5Error::found(WHAT, "it does not end"))
    }

    /// Attaches a comment.
    #[expect(
        deprecated,
        reason = "old programs wrote comments, and they are carried over"
    )]
    pub fn set_comment(&self, comment: &CStr) -> Result<()> {
        // SAFETY: an open object and a NUL-terminated text.
        done("writing a comment", || unsafe {
            hdf5_sys::h5o::H5Oset_comment(self.id(), comment.as_ptr())
        })
    }

    /// Creates a group like `like`, without its links and attributes.
    pub fn create_group(&self, link: &Link, like: &Object) -> Result<Object> {
        let names = link_properties(link.utf8)?;
        let creation = group::properties_like(like)?;
        // SAFETY: open identifiers and a NUL-terminated name.
        let handle = id("creating a group", || unsafe {
            H5Gcreate2(
                self.id(),
                link.name.as_ptr(),
                names.id(),
                creation.id(),
                DEFAULT,
            )
        })?;
        Ok(Object { handle })
    }

    /// Gives an object without a name, or a further one, this name in this group.
    pub fn link_object(&self, object: &Object, link: &Link) -> Result<()> {
        let names = link_properties(link.utf8)?;
        // SAFETY: open identifiers and a NUL-terminated name.
        done("linking an object", || unsafe {
            H5Olink(
                object.id(),
                self.id(),
                link.name.as_ptr(),
                names.id(),
                DEFAULT,
            )
        })
    }

    /// The type that a committed datatype stands for.
    pub fn dtype(&self) -> Result<Dtype> {
        Dtype::of(&self.handle)
    }

    /// Creates a soft or external link like `link`.
    pub fn create_link(&self, link: &Link) -> Result<()> {
        let names = link_properties(link.utf8)?;
        let (group, name) = (self.id(), link.name.as_ptr());
        match &link.target {
            // SAFETY: open identifiers and NUL-terminated names.
            LinkTarget::Soft(path) => done("creating a soft link", || unsafe {
                H5Lcreate_soft(path.as_ptr(), group, name, names.id(), DEFAULT)
            }),
            // SAFETY: as above.
            LinkTarget::External { file, path } => done("creating an external link", || unsafe {
                H5Lcreate_external(
                    file.as_ptr(),
                    path.as_ptr(),
                    group,
                    name,
                    names.id(),
                    DEFAULT,
                )
            }),
            LinkTarget::Hard | LinkTarget::UserDefined(_) => Err(H5Error::found(
                "creating a link",
                "it is neither soft nor external",
            )),
        }
    }
}

fn tracks_link_order(group: &Object) -> Result<bool> {
    // SAFETY: an open group.
    let creation = id("reading group properties", || unsafe {
        H5Gget_create_plist(group.id())
    })?;
    let mut flags = 0;
    // SAFETY: an open group creation property list; the variable outlives the call.
    done("reading group properties", || unsafe {
        H5Pget_link_creation_order(creation.id(), &mut flags)
    })?;
    Ok(flags & H5P_CRT_ORDER_TRACKED != 0)
}

/// The same bytes whenever a file is written: no object remembers the time.
pub(crate) fn untimed(creation: &Handle) -> Result<()> {
    // SAFETY: an open object creation property list.
    done("switching time stamps off", || unsafe {
        H5Pset_obj_track_times(creation.id(), 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_damage_that_hdf5_does_by_itself_is_named() {
        let said = |cause: &str| {
            unopened(c"/expr", H5Error::found("opening an object", cause)).to_string()
        };
        let plain = "unable to open object: bad object header version number";
        assert_eq!(said(plain), format!("opening /expr: {plain}"));
        let named = said("message not aligned: unable to synchronously open object");
        assert!(
            named.starts_with(
                "opening /expr: message not aligned: an attribute of 65,473 to 65,479 bytes"
            ),
            "{named}"
        );
        assert!(named.contains("may still be in the file"), "{named}");
    }
}
