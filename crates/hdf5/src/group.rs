//! Creation properties of groups.

use crate::error::{H5Error, Result, count, done};
use crate::handle::{Handle, id};
use crate::object::{Object, untimed};
use hdf5_sys::h5g::{H5G_info_t, H5G_storage_type_t, H5Gget_create_plist, H5Gget_info};
use hdf5_sys::h5p::{
    H5P_CLS_GROUP_CREATE, H5Pcreate, H5Pget_attr_creation_order, H5Pget_attr_phase_change,
    H5Pget_est_link_info, H5Pget_filter2, H5Pget_link_creation_order, H5Pget_link_phase_change,
    H5Pget_local_heap_size_hint, H5Pget_nfilters, H5Pset_attr_creation_order,
    H5Pset_attr_phase_change, H5Pset_est_link_info, H5Pset_filter, H5Pset_link_creation_order,
    H5Pset_link_phase_change, H5Pset_local_heap_size_hint,
};

const WHAT: &str = "copying the properties of a group";

/// Properties of a new group like `like`.
///
/// The list that `H5Gget_create_plist` returns can be used only for groups with few links: of others it holds the
/// addresses of their heap and index in the old file, and `H5Gcreate2` writes them into the new group (HDF5 1.8 to 2.2).
/// The first link of that group then fails with "address of object past end of allocation". For those, the properties
/// are copied one by one.
pub(crate) fn properties_like(like: &Object) -> Result<Handle> {
    // SAFETY: an open group.
    let old = id(WHAT, || unsafe { H5Gget_create_plist(like.id()) })?;
    let mut info = H5G_info_t::default();
    // SAFETY: an open group; the variable outlives the call.
    done(WHAT, || unsafe { H5Gget_info(like.id(), &mut info) })?;
    if info.storage_type != H5G_storage_type_t::H5G_STORAGE_TYPE_DENSE {
        untimed(&old)?;
        return Ok(old);
    }
    // SAFETY: a class of property lists.
    let new = id(WHAT, || unsafe { H5Pcreate(*H5P_CLS_GROUP_CREATE) })?;
    untimed(&new)?;
    copy_orders(&old, &new)?;
    let (from, to) = (old.id(), new.id());
    let (mut most_compact, mut least_dense) = (0, 0);
    // SAFETY: two open group creation property lists, here and below; the variables outlive the calls.
    unsafe {
        done(WHAT, || {
            H5Pget_link_phase_change(from, &mut most_compact, &mut least_dense)
        })?;
        done(WHAT, || {
            H5Pset_link_phase_change(to, most_compact, least_dense)
        })?;
        done(WHAT, || {
            H5Pget_attr_phase_change(from, &mut most_compact, &mut least_dense)
        })?;
        done(WHAT, || {
            H5Pset_attr_phase_change(to, most_compact, least_dense)
        })?;
    }
    let (mut entries, mut name_length, mut heap_bytes) = (0, 0, 0);
    // SAFETY: as above.
    unsafe {
        done(WHAT, || {
            H5Pget_est_link_info(from, &mut entries, &mut name_length)
        })?;
        done(WHAT, || H5Pset_est_link_info(to, entries, name_length))?;
        done(WHAT, || H5Pget_local_heap_size_hint(from, &mut heap_bytes))?;
        done(WHAT, || H5Pset_local_heap_size_hint(to, heap_bytes))?;
    }
    copy_filters(&old, &new)?;
    Ok(new)
}

/// Copies whether a group remembers the order in which its links and its attributes were made.
pub(crate) fn copy_orders(old: &Handle, new: &Handle) -> Result<()> {
    let (mut links, mut attributes) = (0, 0);
    // SAFETY: two open property lists of groups; the variables outlive the calls.
    unsafe {
        done(WHAT, || H5Pget_link_creation_order(old.id(), &mut links))?;
        done(WHAT, || H5Pset_link_creation_order(new.id(), links))?;
        done(WHAT, || {
            H5Pget_attr_creation_order(old.id(), &mut attributes)
        })?;
        done(WHAT, || H5Pset_attr_creation_order(new.id(), attributes))
    }
}

/// Copies the filters of the heap that holds the links.
fn copy_filters(old: &Handle, new: &Handle) -> Result<()> {
    // SAFETY: an open property list.
    let filters = count(WHAT, || unsafe { H5Pget_nfilters(old.id()) })?;
    for position in 0..filters {
        let position =
            u32::try_from(position).map_err(|_| H5Error::found(WHAT, "it has too many filters"))?;
        let (mut flags, mut config) = (0, 0);
        let mut parameters = [0; 64];
        let mut filled = parameters.len();
        // SAFETY: the buffer is as long as it is said to be, and no name is asked for.
        let filter = count(WHAT, || unsafe {
            H5Pget_filter2(
                old.id(),
                position,
                &mut flags,
                &mut filled,
                parameters.as_mut_ptr(),
                0,
                std::ptr::null_mut(),
                &mut config,
            )
        })?;
        let filter = i32::try_from(filter).unwrap_or(-1);
        // SAFETY: the buffer holds `filled` parameters, at most as many as fit.
        done(WHAT, || unsafe {
            H5Pset_filter(
                new.id(),
                filter,
                flags,
                filled.min(parameters.len()),
                parameters.as_ptr(),
            )
        })?;
    }
    Ok(())
}
