//! The system calls that a worker needs: seccomp lets it make these and no others.
//!
//! Any other call fails with `ENOSYS`, as on a kernel that does not have it. The C library and Rust's then do without, or
//! with an older call that is allowed: `clone` instead of `clone3`, whose flags cannot be checked. Ending the process instead would
//! make a worker that asks for the size of a terminal look like a file that crashes the library; and `EPERM` is not taken for "try
//! the older call".
//!
//! No call that takes a path is allowed, not even those that can do without one (`statx`, `newfstatat`): a filter sees the address
//! of a path and not whether it is empty. Therefore a worker asks for the length of a file by [`crate::worker::open_file`].

use libc::c_long;
use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch, apply_filter,
};
use std::collections::BTreeMap;
use std::io;

/// Reads, writes and asks about descriptors that are open; makes memory and threads; waits; ends.
const ALLOWED: &[c_long] = &[
    // Files and the socket of requests.
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_pwrite64,
    libc::SYS_pwritev,
    libc::SYS_lseek,
    libc::SYS_fstat,
    libc::SYS_ftruncate,
    libc::SYS_close,
    libc::SYS_recvmsg,
    libc::SYS_ppoll,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
    // Memory.
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    // Threads. Asking for the processors of another process tells nothing secret.
    libc::SYS_futex,
    libc::SYS_rseq,
    libc::SYS_set_robust_list,
    libc::SYS_membarrier,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getcpu,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // Signals of this process.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    // Time, random numbers, and the size of the memory, by which `qsort` chooses.
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    libc::SYS_sysinfo,
];

/// Restricts this thread and those that it starts. A kernel without seccomp leaves them as they are.
pub(super) fn restrict() -> io::Result<()> {
    let Ok(architecture) = TargetArch::try_from(std::env::consts::ARCH) else {
        return Ok(());
    };
    let program = filter(architecture).map_err(io::Error::other)?;
    match apply_filter(&program) {
        Err(Error::Seccomp(error) | Error::Prctl(error)) if is_unavailable(&error) => Ok(()),
        applied => applied.map_err(io::Error::other),
    }
}

/// The kernel is built without it, or a container forbids it.
fn is_unavailable(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::ENOSYS | libc::EINVAL | libc::EPERM)
    )
}

fn filter(architecture: TargetArch) -> Result<BpfProgram, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
    for (call, argument, operator, value) in conditions() {
        let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)?;
        let rule = SeccompRule::new(vec![condition])?;
        rules.entry(call).or_default().push(rule);
    }
    SeccompFilter::new(
        rules,
        SeccompAction::Errno(libc::ENOSYS.unsigned_abs()),
        SeccompAction::Allow,
        architecture,
    )?
    .try_into()
}

/// Calls that are allowed with certain arguments only: one condition of several for each.
fn conditions() -> Vec<(c_long, u8, SeccompCmpOp, u64)> {
    let bits = |bits: i32| u64::from(bits.unsigned_abs());
    let none_of = |mask: i32| SeccompCmpOp::MaskedEq(bits(mask));
    let own_process = u64::from(std::process::id());
    let mut conditions = vec![
        // No memory that can be executed.
        (libc::SYS_mmap, 2, none_of(libc::PROT_EXEC), 0),
        (libc::SYS_mprotect, 2, none_of(libc::PROT_EXEC), 0),
        // Threads, no processes.
        (
            libc::SYS_clone,
            0,
            none_of(libc::CLONE_THREAD),
            bits(libc::CLONE_THREAD),
        ),
        // Of the calling thread.
        (libc::SYS_sched_setaffinity, 0, SeccompCmpOp::Eq, 0),
        // `abort` ends this process.
        (libc::SYS_tgkill, 0, SeccompCmpOp::Eq, own_process),
    ];
    // Copies of descriptors; `F_SETOWN` and others could send signals.
    let commands = [
        libc::F_DUPFD_CLOEXEC,
        libc::F_GETFD,
        libc::F_SETFD,
        libc::F_GETFL,
    ];
    for command in commands {
        conditions.push((libc::SYS_fcntl, 1, SeccompCmpOp::Eq, bits(command)));
    }
    conditions
}
