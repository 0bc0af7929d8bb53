//! Parsed values in the byte order of the file, little-endian, on every machine.

use text_matrix::Values;

/// Values whose bytes are in the order of the file.
#[derive(Debug)]
pub(crate) struct LittleEndian(Values);

impl LittleEndian {
    /// Of parsed values. Most machines have them so already.
    pub(crate) fn of(mut values: Values) -> Self {
        if cfg!(target_endian = "big") {
            match &mut values {
                Values::F32(values) => values.iter_mut().for_each(|value| {
                    *value = f32::from_ne_bytes(value.to_le_bytes());
                }),
                Values::F64(values) => values.iter_mut().for_each(|value| {
                    *value = f64::from_ne_bytes(value.to_le_bytes());
                }),
            }
        }
        LittleEndian(values)
    }

    /// The memory, for other values.
    pub(crate) fn into_memory(self) -> Values {
        self.0
    }
}

impl AsRef<[u8]> for LittleEndian {
    fn as_ref(&self) -> &[u8] {
        match &self.0 {
            Values::F32(values) => bytemuck::cast_slice(values),
            Values::F64(values) => bytemuck::cast_slice(values),
        }
    }
}
