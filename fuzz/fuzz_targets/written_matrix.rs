//! Any matrix, written in any style, is read back as it was.

#![no_main]

use text_matrix::ValueType;
use h5lift_fuzz::{Matrix, Style, bits, read};
use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;

#[derive(Debug)]
struct Case {
    matrix: Matrix,
    style: Style,
    rounded: bool,
}

impl<'a> Arbitrary<'a> for Case {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let name = |u: &mut Unstructured<'a>| -> Result<String> {
            // A zero ends a name in HDF5: those are refused.
            Ok(u.arbitrary::<String>()?
                .chars()
                .take(40)
                .map(|c| if c == '\0' { '0' } else { c })
                .collect())
        };
        let style = u.arbitrary()?;
        let rounded = u.arbitrary()?;
        let mut samples = (0..u.int_in_range(1..=6)?)
            .map(|_| name(u))
            .collect::<Result<Vec<_>>>()?;
        // At the end of a header, an empty name may be a surplus separator.
        if let Some(last) = samples.last_mut().filter(|last| last.is_empty()) {
            last.push('x');
        }
        let genes = (0..u.int_in_range(1..=12)?)
            .map(|_| name(u))
            .collect::<Result<Vec<_>>>()?;
        let values = (0..samples.len() * genes.len())
            .map(|_| {
                Ok(bits(match u.int_in_range(0..=3)? {
                    0 => f64::from(u.arbitrary::<i16>()?) / 1000.0,
                    1 => f64::from(u.arbitrary::<i32>()?),
                    2 => f64::from(u.arbitrary::<f32>()?),
                    _ => u.arbitrary::<f64>()?,
                }))
            })
            .collect::<Result<_>>()?;
        Ok(Case {
            matrix: Matrix {
                genes,
                samples,
                values,
            },
            style,
            rounded,
        })
    }
}

fuzz_target!(|case: Case| {
    let Case {
        mut matrix,
        style,
        rounded,
    } = case;
    let text = style.write(&matrix);
    let values = if rounded {
        ValueType::F32
    } else {
        ValueType::F64
    };
    if rounded {
        for value in &mut matrix.values {
            *value = bits(f64::from(f64::from_bits(*value) as f32));
        }
    }
    let read = read(&text, &style.read_options(values));
    assert_eq!(read.expect("what was written can be read"), matrix);
});
