use super::*;

const SEEDS: [u64; 4] = [0, 1, 42, u64::MAX];

fn of(genes: usize, samples: usize, seed: u64) -> ToyDesign {
    ToyDesign {
        genes,
        samples,
        seed,
    }
}

fn made(genes: usize, samples: usize, seed: u64) -> Matrix {
    toy(of(genes, samples, seed)).unwrap()
}

fn row(matrix: &Matrix, gene: usize) -> &[f32] {
    let samples = matrix.samples.len();
    &matrix.values[gene * samples..(gene + 1) * samples]
}

fn pearson(a: &[f32], b: &[f32]) -> f64 {
    let centred = |values: &[f32]| -> Vec<f64> {
        let mean = values.iter().copied().map(f64::from).sum::<f64>() / float(values.len());
        values
            .iter()
            .map(|value| f64::from(*value) - mean)
            .collect()
    };
    let (a, b) = (centred(a), centred(b));
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt()
}

/// FNV-1a over the values' bytes.
fn checksum(matrix: &Matrix) -> u64 {
    matrix
        .values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

#[test]
fn pairs_correlate_in_each_fifth_as_the_design_says() {
    for samples in [15, 20, 59, 60, 61, 64, 100, 500] {
        for seed in SEEDS {
            let matrix = made(10, samples, seed);
            for pair in PAIRS {
                let (first, second) = (row(&matrix, pair.genes.0), row(&matrix, pair.genes.1));
                for (fifth, r) in fifths(samples).into_iter().zip(pair.correlations) {
                    let found = pearson(&first[fifth.clone()], &second[fifth.clone()]);
                    assert!(
                        (found - r).abs() < 0.001,
                        "{samples} samples, seed {seed}, {:?} in {fifth:?}: {found}, not {r}",
                        pair.genes
                    );
                }
            }
        }
    }
}

#[test]
fn genes_of_different_pairs_and_the_gradient_do_not_correlate() {
    for samples in [60, 62, 100, 500] {
        for seed in SEEDS {
            let matrix = made(9, samples, seed);
            for a in 0..9 {
                for b in a + 1..9 {
                    if PAIRS.iter().any(|pair| pair.genes == (a, b)) {
                        continue;
                    }
                    for fifth in fifths(samples) {
                        let found = pearson(
                            &row(&matrix, a)[fifth.clone()],
                            &row(&matrix, b)[fifth.clone()],
                        );
                        assert!(
                            found.abs() < 0.002,
                            "{samples}, {a} and {b} in {fifth:?}: {found}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn the_weak_pair_is_weak_over_all_samples_too() {
    for samples in [60, 100, 500] {
        let matrix = made(10, samples, 7);
        let found = pearson(row(&matrix, 7), row(&matrix, 8));
        assert!((found - 0.3).abs() < 0.005, "{samples}: {found}");
    }
}

#[test]
fn two_samples_correlate_with_the_sign_of_the_design() {
    for samples in 10..15 {
        let matrix = made(10, samples, 3);
        for pair in PAIRS {
            for (fifth, r) in fifths(samples).into_iter().zip(pair.correlations) {
                let found = pearson(
                    &row(&matrix, pair.genes.0)[fifth.clone()],
                    &row(&matrix, pair.genes.1)[fifth.clone()],
                );
                if fifth.len() == 2 && r != 0.0 {
                    assert!(
                        (found - r.signum()).abs() < 0.001,
                        "{samples} {fifth:?}: {found}"
                    );
                }
            }
        }
    }
}

#[test]
fn gene_0_rises_so_that_its_fifths_are_the_fifths() {
    for samples in [10, 11, 60, 100_003] {
        let matrix = made(1, samples, 0);
        let gradient = row(&matrix, 0);
        assert!(gradient.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!((gradient[0], gradient[samples - 1]), (5.0, 10.0));
    }
}

#[test]
fn fifths_follow_one_another_and_the_outer_two_are_equal() {
    for samples in 10..300 {
        let fifths = fifths(samples);
        assert_eq!((fifths[0].start, fifths[4].end), (0, samples));
        for (fifth, next) in fifths.iter().zip(&fifths[1..]) {
            assert_eq!(fifth.end, next.start);
        }
        assert_eq!(
            (fifths[0].len(), fifths[4].len()),
            (samples / 5, samples / 5)
        );
        assert!(fifths.iter().all(|fifth| fifth.len() >= samples / 5));
        assert!(fifths.iter().all(|fifth| fifth.len() <= samples / 5 + 2));
    }
}

#[test]
fn a_seed_gives_the_same_values_on_every_machine() {
    // A program in another language, written from the same description, found these as well.
    for (design, expected) in [
        (ToyDesign::default(), 1_642_925_426_486_631_016),
        (of(200, 133, 7), 2_169_424_349_202_202_303),
        (of(10, 17, 3), 6_624_787_096_765_141_446),
    ] {
        assert_eq!(checksum(&toy(design).unwrap()), expected, "{design:?}");
    }
    assert_ne!(made(10, 60, 1).values, made(10, 60, 2).values);
}

#[test]
fn fewer_genes_are_the_first_of_more() {
    let all = made(30, 60, 5);
    for genes in 1..30 {
        let few = made(genes, 60, 5);
        assert_eq!(few.values, all.values[..genes * 60]);
        assert_eq!(few.genes, all.genes[..genes]);
    }
}

#[test]
fn values_look_like_logarithms_of_expression_and_noise_like_noise() {
    let matrix = made(300, 100, 9);
    assert!(
        matrix
            .values
            .iter()
            .all(|value| (2.0..13.0).contains(value))
    );
    let noisy: Vec<f64> = (9..299)
        .map(|gene| pearson(row(&matrix, gene), row(&matrix, gene + 1)))
        .collect();
    let mean = noisy.iter().sum::<f64>() / 290.0;
    let square = noisy.iter().map(|r| r * r).sum::<f64>() / 290.0;
    assert!(mean.abs() < 0.03, "{mean}");
    assert!((square * 99.0 - 1.0).abs() < 0.3, "{square}");
}

#[test]
fn designs_that_cannot_be_are_refused_with_a_reason() {
    let reason = |genes, samples| toy(of(genes, samples, 0)).unwrap_err().to_string();
    assert_eq!(reason(0, 60), "a toy needs one gene at least");
    assert_eq!(
        reason(10, 9),
        "a toy of 9 samples has no fifths to correlate over; it needs 10 or more"
    );
    assert!(reason(1 << 20, 1 << 20).ends_with("has 268435456 values at most"));
    assert!(reason(usize::MAX, usize::MAX).contains("too large"));
}

#[test]
fn the_table_reads_back_as_the_same_values() {
    let matrix = made(12, 17, 11);
    let text = tsv_lines(&matrix).collect::<String>();
    let mut lines = text.lines();
    let mut header = lines.next().unwrap().split('\t');
    assert_eq!(header.next(), Some("gene_id"));
    assert!(header.eq(matrix.samples.iter().map(String::as_str)));
    let mut values = Vec::new();
    for (line, gene) in lines.zip(&matrix.genes) {
        let mut fields = line.split('\t');
        assert_eq!(fields.next(), Some(gene.as_str()));
        // Through float64, as readers of tables do.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the nearest float32 is meant"
        )]
        values.extend(fields.map(|field| field.parse::<f64>().unwrap() as f32));
    }
    assert_eq!(values, matrix.values);
    assert!(text.ends_with('\n') && text.lines().count() == 13);
}
