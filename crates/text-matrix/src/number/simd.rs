//! Short numbers eight at a time, where the processor has the instructions: the steps of [`short`](crate::number::short)
//! for four of them at once.

#[cfg(target_arch = "x86_64")]
mod avx2;

use crate::number::value::Value;
use multiversion::multiversion;
use multiversion::target::match_target;

/// Reads numbers from the front of `text` into the front of `values`, each with `end` behind it; how many, and how many
/// bytes of the text they take with what ends them. It stops, before any eight among which one needs a closer look, and
/// where the text gets short.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
pub(crate) fn read_short_numbers<V: Value>(
    text: &[u8],
    end: u8,
    decimal: u8,
    values: &mut [V],
) -> (usize, usize) {
    match_target! {
        "x86_64+avx2+bmi1+bmi2+lzcnt+popcnt" => avx2::read(text, end, decimal, values),
        _ => {
            let _ = (text, end, decimal, values);
            (0, 0)
        }
    }
}

#[cfg(test)]
mod tests;
