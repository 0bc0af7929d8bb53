//! One value of a matrix, of any type that is checked: floats and signed integers.

/// A number of a stored type.
pub(crate) trait Value: Copy {
    /// The number up to which every whole number can be represented, as text.
    const LIMIT: &'static str;
    const NAME: &'static str;

    /// Whether this is not a number.
    fn is_nan(self) -> bool;
    /// Whether this is an infinity.
    fn is_infinite(self) -> bool;
    /// Whether this is below zero.
    fn is_negative(self) -> bool;
    /// Whether this has no fraction; NaN and infinities count as such.
    fn is_whole(self) -> bool;
    /// Whether this is beyond [`Value::LIMIT`], on either side, but finite.
    fn is_beyond(self) -> bool;
}

macro_rules! float {
    ($float:ty, $last:expr, $limit:literal, $name:literal) => {
        impl Value for $float {
            const LIMIT: &'static str = $limit;
            const NAME: &'static str = $name;

            #[inline]
            fn is_nan(self) -> bool {
                self.is_nan()
            }

            #[inline]
            fn is_infinite(self) -> bool {
                self.abs() == <$float>::INFINITY
            }

            #[inline]
            fn is_negative(self) -> bool {
                self < 0.0
            }

            // The sum has no space for a fraction, so a fraction is lost in it. `trunc` is a call of the C
            // library on a processor without SSE 4.1; this is not, and is done for several values at once.
            #[expect(clippy::float_cmp, reason = "equal bits are what is asked for")]
            #[inline]
            fn is_whole(self) -> bool {
                let size = self.abs();
                let rounded = (size + $last / 2.0) - $last / 2.0;
                (rounded == size) | (size >= $last / 2.0) | size.is_nan()
            }

            #[inline]
            fn is_beyond(self) -> bool {
                (self.abs() > $last) & (self.abs() < <$float>::INFINITY)
            }
        }
    };
}

float!(f32, 16_777_216.0, "16,777,216", "float32");
float!(
    f64,
    9_007_199_254_740_992.0,
    "9,007,199,254,740,992",
    "float64"
);

macro_rules! integer {
    ($($integer:ty, $limit:literal, $name:literal;)*) => {$(
        impl Value for $integer {
            const LIMIT: &'static str = $limit;
            const NAME: &'static str = $name;

            #[inline]
            fn is_nan(self) -> bool {
                false
            }

            #[inline]
            fn is_infinite(self) -> bool {
                false
            }

            #[inline]
            fn is_negative(self) -> bool {
                self < 0
            }

            #[inline]
            fn is_whole(self) -> bool {
                true
            }

            #[inline]
            fn is_beyond(self) -> bool {
                false
            }
        }
    )*};
}

integer! {
    i8, "127", "int8";
    i16, "32,767", "int16";
    i32, "2,147,483,647", "int32";
    i64, "9,223,372,036,854,775,807", "int64";
}

/// A float of 16 bits (IEEE 754 binary16), widened without loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Half(f32);

impl Half {
    /// The number that these bits are.
    pub(crate) fn from_bits(bits: u16) -> Self {
        let sign = u32::from(bits >> 15) << 31;
        let exponent = u32::from(bits >> 10 & 0x1f);
        let fraction = bits & 0x3ff;
        let size = match exponent {
            // Subnormal: a multiple of the smallest number, 2^-24.
            0 => (f32::from(fraction) * 2.0_f32.powi(-24)).to_bits(),
            0x1f => 0xff << 23 | u32::from(fraction) << 13,
            biased => (biased + 127 - 15) << 23 | u32::from(fraction) << 13,
        };
        Half(f32::from_bits(sign | size))
    }
}

impl Value for Half {
    const LIMIT: &'static str = "2,048";
    const NAME: &'static str = "float16";

    #[inline]
    fn is_nan(self) -> bool {
        self.0.is_nan()
    }

    #[inline]
    fn is_infinite(self) -> bool {
        Value::is_infinite(self.0)
    }

    #[inline]
    fn is_negative(self) -> bool {
        self.0 < 0.0
    }

    #[inline]
    fn is_whole(self) -> bool {
        Value::is_whole(self.0)
    }

    #[inline]
    fn is_beyond(self) -> bool {
        (self.0.abs() > 2048.0) & (self.0.abs() < f32::INFINITY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_what_their_bits_say() {
        for (bits, number) in [
            (0x0000, 0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65_504.0),
            (0x0400, 6.103_515_6e-5),
            (0x0001, 5.960_464_5e-8),
            (0x83ff, -6.097_555e-5),
            (0x3555, 0.333_251_95),
            (0xfc00, f32::NEG_INFINITY),
        ] {
            assert_eq!(Half::from_bits(bits), Half(number), "{bits:#06x}");
        }
        assert!(Half::from_bits(0x8000).0.is_sign_negative());
        assert!(Half::from_bits(0x7c01).is_nan() && Half::from_bits(0xfe00).is_nan());
        assert!(Value::is_infinite(Half::from_bits(0x7c00)));
    }

    #[test]
    fn halves_lose_counts_above_two_thousand() {
        let beyond = |number| Value::is_beyond(Half(number));
        assert!(beyond(2050.0) && beyond(-65_504.0));
        assert!(!beyond(2048.0) && !beyond(f32::INFINITY) && !beyond(f32::NAN));
        assert!(Value::is_whole(Half(2048.0)) && !Value::is_whole(Half(0.5)));
    }

    #[test]
    fn integers_are_whole_and_may_be_negative() {
        assert!(Value::is_negative(-1_i8) && !Value::is_negative(0_i64));
        assert!(Value::is_whole(i16::MIN) && !Value::is_beyond(i32::MAX));
    }
}
