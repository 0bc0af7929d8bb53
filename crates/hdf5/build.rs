//! Refuses an installed HDF5 that is too old.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // hdf5-metno-sys tells each version up to that of the library which it has found.
    println!("cargo::rerun-if-env-changed=DEP_HDF5_VERSION_1_14_0");
    if std::env::var_os("DEP_HDF5_VERSION_1_14_0").is_none() {
        println!(
            "cargo::error=the installed HDF5 is older than 1.14: install a newer one and set HDF5_DIR to its folder, or \
             build with the default features, which compile HDF5 from source"
        );
    }
}
