//! Chunks as libhdf5 and h5py wrote them, for the tests of this crate.
//!
//! Printed by `testdata/codec_vectors.py`; not to be edited by hand.
//! HDF5 2.0.0, h5py 3.16.0.

use crate::pipeline::Filter;

/// One stored chunk and the formula of the values in it.
pub(crate) struct KnownChunk {
    pub values: fn(usize) -> Vec<u8>,
    pub length: usize,
    pub filters: &'static [Filter],
    pub filter_mask: u32,
    stored: &'static str,
}

impl KnownChunk {
    pub(crate) fn raw(&self) -> Vec<u8> {
        (self.values)(self.length)
    }

    /// The bytes in the file.
    pub(crate) fn stored(&self) -> Vec<u8> {
        (0..self.stored.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&self.stored[at..at + 2], 16).expect("two digits"))
            .collect()
    }
}

/// Slow in the high byte of each 16-bit word, fast in the low one.
pub(crate) fn ramp(length: usize) -> Vec<u8> {
    (0..length)
        .map(|i| if i % 2 == 1 { i / 16 } else { i * 37 + i / 7 })
        .map(|v| v.to_le_bytes()[0])
        .collect()
}

/// A linear congruential generator: nothing can compress it.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .collect()
}

/// Runs with a period of 13 between bytes that do not repeat: near and far matches.
pub(crate) fn mixed(length: usize) -> Vec<u8> {
    (0..length)
        .map(|i| {
            if i / 48 % 3 > 0 {
                i % 13
            } else {
                i * 37 + i / 7
            }
        })
        .map(|v| v.to_le_bytes()[0])
        .collect()
}

pub(crate) fn zeros(length: usize) -> Vec<u8> {
    vec![0; length]
}

pub(crate) fn ones(length: usize) -> Vec<u8> {
    vec![255; length]
}

pub(crate) const SHUFFLE_1: KnownChunk = KnownChunk {
    values: ramp,
    length: 21,
    filters: &[Filter::Shuffle { item_size: 1 }],
    filter_mask: 0,
    stored: "\
00004a009400de0029007300bd00080052019c01e6",
};

pub(crate) const SHUFFLE_2: KnownChunk = KnownChunk {
    values: ramp,
    length: 70,
    filters: &[Filter::Shuffle { item_size: 2 }],
    filter_mask: 0,
    stored: "\
004a94de2973bd08529ce6317bc5105aa4ee3983cd1862acf6418bd5206ab4fe4993dd000000000000000001\
0101010101010102020202020202020303030303030303040404",
};

pub(crate) const SHUFFLE_3: KnownChunk = KnownChunk {
    values: ramp,
    length: 57,
    filters: &[Filter::Shuffle { item_size: 3 }],
    filter_mask: 0,
    stored: "\
0000de00bd009c017b015a0239021802f603d50094007300520131011001ee02cd02ac038b034a0029000801\
e601c501a40283026202410320",
};

pub(crate) const SHUFFLE_4: KnownChunk = KnownChunk {
    values: ramp,
    length: 84,
    filters: &[Filter::Shuffle { item_size: 4 }],
    filter_mask: 0,
    stored: "\
009429bd52e67b10a439cd62f68b20b449dd72069b0000000001010101020202020303030304040404054ade\
73089c31c55aee8318ac41d56afe9328bc51e5000000000101010102020202030303030404040405",
};

pub(crate) const SHUFFLE_8: KnownChunk = KnownChunk {
    values: ramp,
    length: 152,
    filters: &[Filter::Shuffle { item_size: 8 }],
    filter_mask: 0,
    stored: "\
0029527ba4cdf62049729bc4ed16406992bbe4000001010202030304040505060607070808094a739cc5ee18\
416a93bce50e38618ab3dc052e0000010102020303040405050606070708080994bde61039628bb4dd063059\
82abd4fd26507900000101020203030404050506060707080809de08315a83acd5fe28517aa3ccf51e48719a\
c300000101020203030404050506060707080809",
};

pub(crate) const SHUFFLE_ONE_ITEM: KnownChunk = KnownChunk {
    values: ramp,
    length: 8,
    filters: &[Filter::Shuffle { item_size: 8 }],
    filter_mask: 0,
    stored: "\
00004a009400de00",
};

pub(crate) const FLETCHER32_SHUFFLE_8: KnownChunk = KnownChunk {
    values: ramp,
    length: 72,
    filters: &[Filter::Fletcher32, Filter::Shuffle { item_size: 8 }],
    filter_mask: 0,
    stored: "\
0029527ba4cdf620490000010102020303044a739cc5ee18416a9300000101020203030494bde61039628bb4\
dd000001010202030304de08315a83acd5fe2800000101020203030451c1f4a0",
};

pub(crate) const FLETCHER32_EVEN: KnownChunk = KnownChunk {
    values: ramp,
    length: 20,
    filters: &[Filter::Fletcher32],
    filter_mask: 0,
    stored: "\
00004a009400de0029007300bd00080052019c01060b17cd",
};

pub(crate) const FLETCHER32_ODD: KnownChunk = KnownChunk {
    values: ramp,
    length: 15,
    filters: &[Filter::Fletcher32],
    filter_mask: 0,
    stored: "\
00004a009400de0029007300bd0008031d0d53",
};

pub(crate) const GZIP_0: KnownChunk = KnownChunk {
    values: ramp,
    length: 40,
    filters: &[Filter::Deflate { level: 0 }],
    filter_mask: 0,
    stored: "\
7801012800d7ff00004a009400de0029007300bd00080052019c01e60131017b01c50110015a01a402ee0239\
028302b400092b",
};

pub(crate) const GZIP_4: KnownChunk = KnownChunk {
    values: ramp,
    length: 400,
    filters: &[Filter::Deflate { level: 4 }],
    filter_mask: 0,
    stored: "\
785e0190016ffe00004a009400de0029007300bd00080052019c01e60131017b01c50110015a01a402ee0239\
028302cd0218026202ac02f60341038b03d50320036a03b403fe0349049304dd0428047204bc04060451049b\
05e50530057a05c4050e055905a305ed0638068206cc0616066106ab06f50640078a07d4071e076907b307fd\
0748079208dc0826087108bb08050850089a08e4092e097909c3090d095809a209ec09360a810acb0a150a60\
0aaa0af40a3e0a890bd30b1d0b680bb20bfc0b460b910bdb0c250c700cba0c040c4e0c990ce30c2d0d780dc2\
0d0c0d560da10deb0d350d800eca0e140e5e0ea90ef30e3d0e880ed20f1c0f660fb10ffb0f450f900fda0f24\
106e10b91003104d109810e2102c107611c1110b115511a011ea1134117e11c91213125d12a812f2123c1286\
12d1121b136513b013fa1344138e13d91323136d14b81402144c149614e1142b147514c0150a1554159e15e9\
1533157d15c81512165c16a616f1163b168516d0161a166417ae17f91743178d17d81722176c17b61801184b\
189518e0182a187418be189ab26c99",
};

pub(crate) const GZIP_9_NOISE: KnownChunk = KnownChunk {
    values: noise,
    length: 64,
    filters: &[Filter::Deflate { level: 9 }],
    filter_mask: 0,
    stored: "\
78da014000bfff3c5e81b40c5ec68e04a3406c97d63cfbdc53ae88371a125121b5956143c0ee2d55fb638c77\
fee0b6f5f9275faf297e2c97df5404f33bd406620b5821cf68259ce4c01e7c",
};

pub(crate) const GZIP_ZEROS: KnownChunk = KnownChunk {
    values: zeros,
    length: 4096,
    filters: &[Filter::Deflate { level: 4 }],
    filter_mask: 0,
    stored: "\
785eedc1010d000000c2a0f74f6d0f0714000000f06e10000001",
};

pub(crate) const SHUFFLE_GZIP: KnownChunk = KnownChunk {
    values: ramp,
    length: 400,
    filters: &[
        Filter::Shuffle { item_size: 4 },
        Filter::Deflate { level: 4 },
    ],
    filter_mask: 0,
    stored: "\
785e6398a2b937e859b5c012cbb349dfba15b678de2d629b6d7024f26d93d86a872b997f27a9ed0e7852c9bb\
c8ec74c2974ed94d6eb70b5866ea1e0a7bdd20b2d2f652daef092a3b7d1f95712f303919fba94d7a83cbcd5c\
a669da07425ed60a2db3be90f2b357699bf7831206206004022620600602162060050236206007020e20e004\
022e20e006021e20e005023e20e0070201201004022120100602112010050231201007020920f0ba57cc31c7\
f068d4bb6689358e57b3fe4dd6d813f8b48a6fb1c599c4af5d729b3dee14b2ced23b1cf1a6517495dde58c3f\
135577f93daee059687a2aee7387cc46d75b79cc33740e86beaa135e617331f5579ff20e9f87a55cf38c4fc4\
7c6c955ae77c238771aad63e7af80300f5bf6c99",
};

pub(crate) const SHUFFLE_GZIP_FLETCHER32: KnownChunk = KnownChunk {
    values: ramp,
    length: 400,
    filters: &[
        Filter::Shuffle { item_size: 4 },
        Filter::Deflate { level: 4 },
        Filter::Fletcher32,
    ],
    filter_mask: 0,
    stored: "\
785e6398a2b937e859b5c012cbb349dfba15b678de2d629b6d7024f26d93d86a872b997f27a9ed0e7852c9bb\
c8ec74c2974ed94d6eb70b5866ea1e0a7bdd20b2d2f652daef092a3b7d1f95712f303919fba94d7a83cbcd5c\
a669da07425ed60a2db3be90f2b357699bf7831206206004022620600602162060050236206007020e20e004\
022e20e006021e20e005023e20e0070201201004022120100602112010050231201007020920f0ba57cc31c7\
f068d4bb6689358e57b3fe4dd6d813f8b48a6fb1c599c4af5d729b3dee14b2ced23b1cf1a6517495dde58c3f\
135577f93daee059687a2aee7387cc46d75b79cc33740e86beaa135e617331f5579ff20e9f87a55cf38c4fc4\
7c6c955ae77c238771aad63e7af80300f5bf6c9900d3cb8c",
};

pub(crate) const FLETCHER32_SHUFFLE_GZIP: KnownChunk = KnownChunk {
    values: ramp,
    length: 392,
    filters: &[
        Filter::Fletcher32,
        Filter::Shuffle { item_size: 8 },
        Filter::Deflate { level: 4 },
    ],
    filter_mask: 0,
    stored: "\
785e63d00caa5e72f69b8267d1ec236fc51c3227ed7ec26b96d0b9e9368b6e58c3ca4bbf557ccb169cfc24ed\
923bedc04b21eb94de6d0c0c8c8c4c4ccccc2c2cacac6c6cecec1c1c9c9c5c5cdcdc3c3cbcbc7c7cfcfc0202\
82824242c2c22222a2a26262e2e2125ec5738ebe9370cc9abce7299f4562d7e63bac7a118dab2eff51f5ab58\
78eab38c6bde8c83af846d52fb763ce4328e695d778391641ba6ec7d266099d4bde52e9b4164d3ea2b7fd502\
2a179dfe22eb5630f3d06b11dbb4093b1f719bc4b66db8c9a41d52bbecc24f256f926db8c76118d5bce6ea3f\
8dc0aac567beca7914ce3afc46d42e63e2aec73ca6711d1b6f31eb84d6adb8f84bd9a774de898f52ce395349\
b62191755e3d00c2ea6b80",
};

pub(crate) const GZIP_GZIP: KnownChunk = KnownChunk {
    values: zeros,
    length: 40000,
    filters: &[Filter::Deflate { level: 1 }, Filter::Deflate { level: 9 }],
    filter_mask: 0,
    stored: "\
78daab607c7bc190918181e1d082affe6f53b93b1c120f343032b3f14818240c01c60176b6390e0c8c00b734\
2fd9",
};

pub(crate) const LZF: KnownChunk = KnownChunk {
    values: mixed,
    length: 700,
    filters: &[Filter::Lzf],
    filter_mask: 0,
    stored: "\
1f00254a6f94b9de04294e7398bde2082d52779cc1e60c31567ba0c5ea10355a7f1ca4c9ee14395e83a8cdf2\
183d6287acd1090a0b0c000102030405060708e04a0c1fe4092e54799ec3e80d32587da2c7ec11365c81a6cb\
f0153a6085aacff4193e640f89aed3f81d42688db2d7fc21466c91b6e0568e0601c9ee13385d8220fe1f173c\
6186acd1f61b40658ab0d5fa1f44698eb4d9fe23486d92b8dd02274c719606bce1062b50759ae1551d030102\
add220fe03678cb1d620fe046b90b5da00e116bfe154ac22070492b7dc012620fe03bbe0052a20fe00bfe117\
bf4033e23d3b01090a",
};

pub(crate) const LZF_ZEROS: KnownChunk = KnownChunk {
    values: zeros,
    length: 4096,
    filters: &[Filter::Lzf],
    filter_mask: 0,
    stored: "\
010000e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff00e0ff\
00e0ff00e07b00010000",
};

pub(crate) const LZF_ODD: KnownChunk = KnownChunk {
    values: mixed,
    length: 501,
    filters: &[Filter::Lzf],
    filter_mask: 0,
    stored: "\
1f00254a6f94b9de04294e7398bde2082d52779cc1e60c31567ba0c5ea10355a7f1ca4c9ee14395e83a8cdf2\
183d6287acd1090a0b0c000102030405060708e04a0c1fe4092e54799ec3e80d32587da2c7ec11365c81a6cb\
f0153a6085aacff4193e640f89aed3f81d42688db2d7fc21466c91b6e0568e0601c9ee13385d8220fe1f173c\
6186acd1f61b40658ab0d5fa1f44698eb4d9fe23486d92b8dd02274c719606bce1062b50759ae1551d030102\
add220fe03678cb1d620fe046b90b5da00e116bfe10aac010506",
};

pub(crate) const SHUFFLE_LZF: KnownChunk = KnownChunk {
    values: ramp,
    length: 400,
    filters: &[Filter::Shuffle { item_size: 4 }, Filter::Lzf],
    filter_mask: 0,
    stored: "\
1f009429bd52e67b10a439cd62f68b20b449dd72069b30c459ed8216ab40d469fd1f9226bb50e4790da236cb\
60f4891db246db7004992dc256eb8014a93dd266fb901f24b94de2760ba034c95df2861bb044d96d02962bc0\
54e97d12a63bd064f98d2204b64be07400200000012000000220000003200000042000000520000006200000\
0720000008200000092000000a2000000b2000000c2000000d2000000e2000000f2000001020000011200000\
1220000013200000142000001520000016200000172000001820001f4ade73089c31c55aee8318ac41d56afe\
9328bc51e57a0ea338cc61f58a1eb3481fdc71059a2ec358ec8115aa3ed368fc9125ba4ee3780ca135ca5ef3\
881cb145da1f6e03982cc155ea7e13a83cd165fa8e23b84ce1750a9e33c85cf1851aae43d86c0301952abe20\
c6e056c7011818",
};

pub(crate) const SHUFFLE_LZF_FLETCHER32: KnownChunk = KnownChunk {
    values: ramp,
    length: 400,
    filters: &[
        Filter::Shuffle { item_size: 4 },
        Filter::Lzf,
        Filter::Fletcher32,
    ],
    filter_mask: 0,
    stored: "\
1f009429bd52e67b10a439cd62f68b20b449dd72069b30c459ed8216ab40d469fd1f9226bb50e4790da236cb\
60f4891db246db7004992dc256eb8014a93dd266fb901f24b94de2760ba034c95df2861bb044d96d02962bc0\
54e97d12a63bd064f98d2204b64be07400200000012000000220000003200000042000000520000006200000\
0720000008200000092000000a2000000b2000000c2000000d2000000e2000000f2000001020000011200000\
1220000013200000142000001520000016200000172000001820001f4ade73089c31c55aee8318ac41d56afe\
9328bc51e57a0ea338cc61f58a1eb3481fdc71059a2ec358ec8115aa3ed368fc9125ba4ee3780ca135ca5ef3\
881cb145da1f6e03982cc155ea7e13a83cd165fa8e23b84ce1750a9e33c85cf1851aae43d86c0301952abe20\
c6e056c7011818b311d9c0",
};

pub(crate) const SHUFFLE_LZF_NOISE: KnownChunk = KnownChunk {
    values: noise,
    length: 48,
    filters: &[Filter::Shuffle { item_size: 4 }, Filter::Lzf],
    filter_mask: 2,
    stored: "\
3c0c0497dc3721435577f5af5e5ea3d6531ab5c0fbfef92981c6403cae1295ee63e0277eb48e6cfb8851612d\
8cb65f2c",
};

pub(crate) const ALL: &[KnownChunk] = &[
    SHUFFLE_1,
    SHUFFLE_2,
    SHUFFLE_3,
    SHUFFLE_4,
    SHUFFLE_8,
    SHUFFLE_ONE_ITEM,
    FLETCHER32_SHUFFLE_8,
    FLETCHER32_EVEN,
    FLETCHER32_ODD,
    GZIP_0,
    GZIP_4,
    GZIP_9_NOISE,
    GZIP_ZEROS,
    SHUFFLE_GZIP,
    SHUFFLE_GZIP_FLETCHER32,
    FLETCHER32_SHUFFLE_GZIP,
    GZIP_GZIP,
    LZF,
    LZF_ZEROS,
    LZF_ODD,
    SHUFFLE_LZF,
    SHUFFLE_LZF_FLETCHER32,
    SHUFFLE_LZF_NOISE,
];

/// Values, their length in bytes, and the Fletcher32 that libhdf5 stored.
#[expect(clippy::type_complexity, reason = "a table of a test")]
pub(crate) const CHECKSUMS: &[(fn(usize) -> Vec<u8>, usize, u32)] = &[
    (ones, 1, 0xff00_ff00),
    (ones, 2, 0xffff_ffff),
    (ones, 719, 0xff00_ff00),
    (ones, 720, 0xffff_ffff),
    (ones, 721, 0xff00_ff00),
    (ones, 5_000, 0xffff_ffff),
    (noise, 720, 0x546b_1b78),
    (noise, 1_441, 0xe669_926d),
    (noise, 100_000, 0xfb3e_a49e),
    (ramp, 65_537, 0x0c24_b6c0),
];
