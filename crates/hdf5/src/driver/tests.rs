use super::class::{Class, FEATURES};
use super::*;
use crate::attribute::Attribute;
use crate::file::File;
use crate::handle::{DEFAULT, id};
use hdf5_sys::h5f::{H5F_ACC_RDONLY, H5Fcreate, H5Fopen};
use hdf5_sys::h5fd::{H5FDclose, H5FDopen};
use hdf5_sys::h5p::{H5P_CLS_FILE_ACCESS, H5Pcreate, H5Pset_fapl_sec2};
use std::mem::{offset_of, size_of};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

fn fresh(path: &Path) -> fs::File {
    let mut options = fs::File::options();
    options.read(true).write(true).create_new(true);
    options.open(path).unwrap()
}

/// The library's own driver, opened by the library, shows where it has what.
#[test]
fn the_layout_of_a_driver_is_that_of_the_library() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("any");
    fs::write(&path, b"12345").unwrap();
    let name = CString::new(path.as_os_str().as_bytes()).unwrap();
    hdf5::sync::sync(|| unsafe {
        // SAFETY: a file that is there, opened by a driver that is there; every pointer is the library's.
        let access = H5Pcreate(*H5P_CLS_FILE_ACCESS);
        assert!(H5Pset_fapl_sec2(access) >= 0);
        let opened = H5FDopen(name.as_ptr(), H5F_ACC_RDONLY, access, 1 << 40);
        assert!(!opened.is_null());
        let file = opened.cast::<FileHead>();
        let class = &*(*file).class;
        let own = descriptor_class();
        assert_eq!(CStr::from_ptr(class.name), c"sec2");
        assert_eq!((class.version, class.value), (own.version, 0));
        assert_eq!(class.highest_address, own.highest_address);
        assert_eq!(class.close_degree, own.close_degree);
        assert_eq!(class.free_lists, own.free_lists);
        assert_eq!((class.access_size, class.transfer_size), (0, 0));
        // All that this driver has, the library's has at the same place, and it does the same.
        let mut flags: c_ulong = 0;
        assert_eq!(class.query.unwrap()(file, &raw mut flags), 0);
        assert_eq!(flags, FEATURES | 0x80, "but for POSIX_COMPAT_HANDLE");
        assert_eq!((*file).features, flags);
        assert_eq!((*file).highest_address, 1 << 40);
        assert!(!(*file).is_paged);
        assert_eq!(class.end_of_file.unwrap()(file, 0), 5);
        assert_eq!(class.set_end_of_addresses.unwrap()(file, 0, 77), 0);
        assert_eq!(class.end_of_addresses.unwrap()(file, 0), 77);
        assert_eq!(class.compare.unwrap()(file, file), 0);
        let mut buffer = [9_u8; 8];
        let read = class.read.unwrap();
        assert_eq!(read(file, 0, 0, 1, 8, buffer.as_mut_ptr().cast()), 0);
        assert_eq!(&buffer, b"2345\0\0\0\0");
        assert!(class.write.is_some() && class.truncate.is_some());
        assert!(class.lock.is_some() && class.delete.is_some() && class.control.is_some());
        assert!(class.flush.is_none() && class.vectors_and_selections.iter().all(Option::is_none));
        assert_eq!(H5FDclose(opened), 0);
    });
    // The list is the last field, so that all sizes before it are right.
    assert_eq!(
        offset_of!(Class, free_lists) + 7 * 4 + 4,
        size_of::<Class>()
    );
}

fn write_file(root: &crate::object::Object) {
    for name in [c"one", c"two", c"three"] {
        Attribute::create_integer(root, name, 3).unwrap();
    }
}

#[test]
fn a_new_file_has_the_bytes_that_the_librarys_driver_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name| folder.path().join(name);
    let new = File::create(fresh(&path("new")), None).unwrap();
    write_file(&new.root().unwrap());
    new.close().unwrap();

    let name = CString::new(path("own").as_os_str().as_bytes()).unwrap();
    let access = crate::file::writing_list().unwrap();
    let creation = crate::file::creation_properties(None).unwrap();
    // SAFETY: open property lists and a NUL-terminated path.
    let own = unsafe {
        assert!(H5Pset_fapl_sec2(access.id()) >= 0);
        id("", || {
            H5Fcreate(name.as_ptr(), H5F_ACC_TRUNC, creation.id(), access.id())
        })
        .unwrap()
    };
    write_file(&crate::object::Object::open(&own, c"/").unwrap());
    own.close("").unwrap();
    assert_eq!(
        fs::read(path("new")).unwrap(),
        fs::read(path("own")).unwrap()
    );
}

#[test]
fn nothing_is_opened_but_what_was_handed_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.h5");
    File::create(fresh(&path), None).unwrap().close().unwrap();
    let access = crate::file::writing_list().unwrap();
    let name = CString::new(path.as_os_str().as_bytes()).unwrap();
    let open = |name: &CStr| {
        id("opening", || unsafe {
            // SAFETY: a NUL-terminated path and an open property list.
            H5Fopen(name.as_ptr(), H5F_ACC_RDONLY, access.id())
        })
    };
    assert!(open(&name).is_err());
    assert!(open(NAME).is_err());
    let file = File::open(fs::File::open(&path).unwrap()).unwrap();
    assert!(open(&name).is_err(), "also while a file is open");
    assert_eq!(file.user_block().unwrap(), 0);
    assert_eq!(DEFAULT, 0);
}

#[test]
fn a_descriptor_that_cannot_write_makes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.h5");
    fs::write(&path, "keep").unwrap();
    assert!(File::create(fs::File::open(&path).unwrap(), None).is_err());
    assert_eq!(fs::read(&path).unwrap(), b"keep");
}

#[test]
fn a_file_in_memory_is_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.h5");
    let new = File::create(fresh(&path), None).unwrap();
    write_file(&new.root().unwrap());
    new.close().unwrap();
    let whole = File::open_whole(fs::File::open(&path).unwrap()).unwrap();
    assert_eq!(whole.image().unwrap(), &fs::read(&path).unwrap());
    let found = Attribute::find(&whole.root().unwrap(), c"two").unwrap();
    assert!(found.is_some());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_in_the_systems_words() {
    let full = fs::File::options().read(true).write(true).open("/dev/full");
    let Ok(full) = full else { return };
    let error = DriverFile {
        head: FileHead::default(),
        backing: Backing::of(full).unwrap(),
        end_of_file: 0,
        end_of_addresses: 0,
    };
    let mut file = error;
    let address: haddr_t = 0;
    let told = crate::error::done("writing", || unsafe {
        // SAFETY: a complete file and as many bytes.
        write(
            (&raw mut file).cast(),
            0,
            0,
            address,
            3,
            b"abc".as_ptr().cast(),
        )
    });
    // Outside of a call of the library the stack is kept.
    assert!(
        told.unwrap_err()
            .to_string()
            .contains("No space left on device")
    );
}
