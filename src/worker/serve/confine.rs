//! What a worker gives up before it gets its first file. Files come to it open, through its socket, so that it needs no
//! right to open any.
//!
//! - Descriptors that it inherited: all but its own are closed.
//! - Rights, by Landlock without any rule: to open, create, rename or remove files, to connect, and to signal.
//! - Capabilities, which root has.
//! - System calls: those that a worker needs are allowed, and no other ([`system_calls`]).
//!
//! Each kernel does what it can. One without Landlock (before 5.13, or switched off) or without seccomp leaves that out,
//! and so does any system but Linux: h5lift follows no external links by itself, and the library opens nothing.

#[cfg(target_os = "linux")]
mod system_calls;

use std::io;
use std::os::fd::RawFd;

/// Confines this thread and those that it starts from here on. The whole process is confined if it is called in the
/// first thread before there is a second.
#[cfg(target_os = "linux")]
pub(crate) fn confine() -> io::Result<()> {
    look_up_the_processor();
    landlock().map_err(io::Error::other)?;
    give_up_capabilities()?;
    // The last, because the others need calls that it forbids.
    system_calls::restrict()
}

/// Asks for the system's fast calls, and for the fast instructions of an ARM processor: both open a file.
#[cfg(target_os = "linux")]
fn look_up_the_processor() {
    let _ = rustix::thread::sched_getcpu();
    let _ = chunk_codec::crc32(&[]);
}

/// Elsewhere a worker keeps its rights.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub(crate) fn confine() -> io::Result<()> {
    Ok(())
}

/// Closes all descriptors but stdin, stdout, stderr and these. Those that the program has inherited may lead anywhere.
pub(crate) fn close_others(kept: &[RawFd]) {
    /// Without a list of them; shells number theirs from 10.
    const LIKELY: RawFd = 1024;
    let open = list_open().unwrap_or_else(|_| (3..LIKELY).collect());
    for descriptor in open {
        if descriptor > 2 && !kept.contains(&descriptor) {
            // The one that listed them is closed already.
            let _ = nix::unistd::close(descriptor);
        }
    }
}

/// Numbers of the descriptors of this process.
fn list_open() -> io::Result<Vec<RawFd>> {
    let entries = std::fs::read_dir("/dev/fd")?;
    let number =
        |entry: io::Result<std::fs::DirEntry>| entry.ok()?.file_name().to_str()?.parse().ok();
    Ok(entries.filter_map(number).collect())
}

#[cfg(target_os = "linux")]
fn landlock() -> Result<landlock::RestrictionStatus, landlock::RulesetError> {
    use landlock::{
        ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, Scope,
    };
    /// The newest whose rights are known here; older kernels give up what they know.
    const KNOWN: ABI = ABI::V6;
    Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?
        .create()?
        .restrict_self()
}

/// Root's worker must not be able to do what only root can.
#[cfg(target_os = "linux")]
fn give_up_capabilities() -> io::Result<()> {
    use rustix::thread::{
        CapabilitySet, CapabilitySets, capability_is_in_bounding_set, clear_ambient_capability_set,
        remove_capability_from_bounding_set, set_capabilities,
    };
    // An ordinary user cannot reduce the bounding set, and with no new privileges gains nothing from it.
    for bit in 0..u64::BITS {
        let capability = CapabilitySet::from_bits_retain(1 << bit);
        match capability_is_in_bounding_set(capability) {
            Ok(true) if remove_capability_from_bounding_set(capability).is_err() => break,
            Ok(_) => {}
            // The kernel knows no further ones.
            Err(_) => break,
        }
    }
    // Kernels before 4.3 have no such set.
    let _ = clear_ambient_capability_set();
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    Ok(set_capabilities(None, none)?)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
