//! Noise that is the same on every machine: integers, sums, products, quotients and square roots
//! only, which IEEE 754 defines to the last bit. `ln` and `cos`, which a Box-Muller transform
//! needs, differ between C libraries.

/// SplitMix64 (Steele, Lea and Flood 2014): 64 bits of state, every seed is good.
#[derive(Debug, Clone)]
pub(crate) struct Noise {
    state: u64,
}

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Noise { state: seed }
    }

    fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// Twelve numbers of 16 bits, added up.
    fn dozen(&mut self) -> u32 {
        let mut sum = 0;
        for _ in 0..3 {
            for pair in self.bits().to_le_bytes().chunks_exact(2) {
                sum += u32::from(u16::from_le_bytes([pair[0], pair[1]]));
            }
        }
        sum
    }

    /// Nearly normal, with mean 0 and standard deviation 1, never beyond 6: a sum of twelve
    /// uniform numbers.
    pub(crate) fn normal(&mut self) -> f64 {
        let mean = 12.0 * 65_535.0 / 2.0;
        (f64::from(self.dozen()) - mean) / 65_536.0
    }

    pub(crate) fn uniform(&mut self) -> f64 {
        let [.., a, b, c, d] = self.bits().to_le_bytes();
        f64::from(u32::from_le_bytes([a, b, c, d])) / 4_294_967_296.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_that_of_the_reference_implementation() {
        let mut noise = Noise::new(1_234_567);
        let stream: Vec<u64> = (0..5).map(|_| noise.bits()).collect();
        assert_eq!(
            stream,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ]
        );
    }

    #[test]
    fn moments_are_those_of_a_normal_distribution() {
        let mut noise = Noise::new(1);
        let draws: Vec<f64> = (0..100_000).map(|_| noise.normal()).collect();
        let mean = draws.iter().sum::<f64>() / 100_000.0;
        let square = draws.iter().map(|z| z * z).sum::<f64>() / 100_000.0;
        assert!(mean.abs() < 0.01, "{mean}");
        assert!((square - 1.0).abs() < 0.02, "{square}");
        assert!(draws.iter().all(|z| z.abs() <= 6.0));
        let within = draws.iter().filter(|z| z.abs() < 1.0).count();
        assert!((67_000..69_500).contains(&within), "{within}");
        let uniform = noise.uniform();
        assert!((0.0..1.0).contains(&uniform), "{uniform}");
    }
}
