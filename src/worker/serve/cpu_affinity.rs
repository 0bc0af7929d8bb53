//! Which processor a request begins on.
//!
//! If two requests begin at the same moment, Linux often puts both on one processor and leaves them there for
//! some milliseconds, as long as a small file takes, while another processor idles. So the thread of a
//! request first moves to the processor of its core. From there on the system may move it.

use crate::model::protocol::Core;
#[cfg(target_os = "linux")]
use rustix::thread::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};

/// Moves the calling thread to the processor of this core. If the batch has fewer cores than there are
/// processors, the system finds an idle one by itself, and other batches may be running; then the thread
/// stays.
#[cfg(target_os = "linux")]
pub(crate) fn begin_at(core: Core) {
    let Ok(allowed) = sched_getaffinity(None) else {
        return;
    };
    let Some(processor) = processor_of(core, &allowed) else {
        return;
    };
    if sched_getcpu() == processor {
        return;
    }
    let mut only = CpuSet::new();
    only.set(processor);
    // This affects time only: without it, the work is done as well.
    if sched_setaffinity(None, &only).is_ok() {
        let _ = sched_setaffinity(None, &allowed);
    }
}

/// Elsewhere threads cannot be moved, or need not be.
#[cfg(not(target_os = "linux"))]
pub fn begin_at(_: Core) {}

/// The processor of a core, if there are as many processors as cores.
#[cfg(target_os = "linux")]
fn processor_of(core: Core, allowed: &CpuSet) -> Option<usize> {
    let is_one_each = usize::try_from(allowed.count()) == Ok(core.of);
    let mut processors = (0..CpuSet::MAX_CPU).filter(|processor| allowed.is_set(*processor));
    is_one_each.then(|| processors.nth(core.index)).flatten()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn cores_are_processors_where_there_are_as_many() {
        let among = |allowed: &[usize], index, of| {
            let mut set = CpuSet::new();
            allowed.iter().for_each(|processor| set.set(*processor));
            processor_of(Core { index, of }, &set)
        };
        assert_eq!(among(&[0, 1], 1, 2), Some(1));
        assert_eq!(among(&[3, 9, 60], 2, 3), Some(60));
        assert_eq!(among(&[3, 9, 60], 0, 2), None);
        assert_eq!(among(&[3], 1, 2), None);
    }

    #[test]
    fn a_thread_is_moved_and_may_go_wherever_it_might_before() {
        std::thread::spawn(|| {
            let before = sched_getaffinity(None).unwrap();
            let of = usize::try_from(before.count()).unwrap();
            for index in 0..of {
                let core = Core { index, of };
                let processor = processor_of(core, &before).unwrap();
                // Nothing keeps it there, but it does not move in each call.
                let comes = (0..50).any(|_| {
                    begin_at(core);
                    sched_getcpu() == processor
                });
                assert!(comes, "{core:?}");
                assert_eq!(sched_getaffinity(None).unwrap(), before);
            }
        })
        .join()
        .unwrap();
    }
}
