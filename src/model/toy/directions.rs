//! Profiles over the samples of one fifth whose correlations are exact.
//!
//! A fifth of the default toy has 12 samples, over which noise alone correlates by 0.3 in either direction.
//! So noise is orthogonalised against what it must not correlate with (Gram-Schmidt), and correlated profiles
//! are mixed from such profiles.

use crate::model::toy::noise::Noise;

/// Samples of a fifth in which the gradient and all eight genes with a role can be uncorrelated
/// with one another: as many dimensions, one for the mean, and one to spare.
const ROOM: usize = 12;
/// Below this, the remainder of noise is mostly rounding.
const LEAST: f64 = 1e-3;

/// Profiles of length 1, each orthogonal to all others.
#[derive(Debug)]
pub(crate) struct Directions {
    samples: usize,
    taken: Vec<Vec<f64>>,
}

impl Directions {
    /// For a fifth with these values of the gradient.
    pub(crate) fn new(gradient: &[f64]) -> Self {
        let mut directions = Directions {
            samples: gradient.len(),
            taken: Vec::new(),
        };
        directions.start();
        if gradient.len() >= ROOM {
            let (profile, _) = directions.freed(gradient.to_vec());
            directions.taken.push(profile);
        }
        directions
    }

    /// Two profiles that correlate by `r` and, if the fifth is large enough, with no earlier one.
    ///
    /// Two samples correlate by 1 or -1 and nothing else; there, `r` gives the sign.
    pub(crate) fn pair(&mut self, r: f64, noise: &mut Noise) -> (Vec<f64>, Vec<f64>) {
        if self.samples < ROOM {
            self.taken.clear();
            self.start();
        }
        let first = self.fresh(noise);
        let other = if self.taken.len() < self.samples {
            self.fresh(noise)
        } else {
            vec![0.0; self.samples]
        };
        let rest = (1.0 - r * r).sqrt();
        let second: Vec<f64> = first
            .iter()
            .zip(&other)
            .map(|(first, other)| r * first + rest * other)
            .collect();
        (first, second)
    }

    /// The mean comes first: a profile that is orthogonal to it has the mean 0.
    fn start(&mut self) {
        let (constant, _) = normalised(vec![1.0; self.samples]);
        self.taken.push(constant);
    }

    fn fresh(&mut self, noise: &mut Noise) -> Vec<f64> {
        loop {
            let (profile, left) = self.freed((0..self.samples).map(|_| noise.normal()).collect());
            if left > LEAST {
                self.taken.push(profile.clone());
                return profile;
            }
        }
    }

    /// A profile without its components along the used ones, and its length before normalisation.
    fn freed(&self, mut profile: Vec<f64>) -> (Vec<f64>, f64) {
        // One pass leaves rounding errors that the second pass removes.
        for _ in 0..2 {
            for taken in &self.taken {
                let part = dot(&profile, taken);
                for (value, taken) in profile.iter_mut().zip(taken) {
                    *value -= part * taken;
                }
            }
        }
        normalised(profile)
    }
}

fn normalised(mut profile: Vec<f64>) -> (Vec<f64>, f64) {
    let length = dot(&profile, &profile).sqrt();
    for value in &mut profile {
        *value /= length;
    }
    (profile, length)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
