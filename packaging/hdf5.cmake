# CMake reads this file before HDF5's own (CMAKE_TOOLCHAIN_FILE). It keeps the build machine out of the library: without it, the
# binary holds the machine's kernel, paths and flags as HDF5's "settings", and the build folder as the folder of plugins.
set(H5_DEFAULT_PLUGINDIR "/usr/local/hdf5/lib/plugin")

# The `cmake` crate names the system and the compiler of another machine only where there is no such file. The Makefile sets
# TARGET_CC, and cargo the other variable.
if(DEFINED ENV{TARGET_CC})
    set(CMAKE_SYSTEM_NAME Linux)
    set(CMAKE_SYSTEM_PROCESSOR $ENV{CARGO_CFG_TARGET_ARCH})
    set(CMAKE_C_COMPILER $ENV{TARGET_CC})
endif()

# HDF5 prints its settings when its headers and the library do not fit, and nowhere else. No option of CMake leaves them out, so the
# file that HDF5's CMakeLists.txt writes is replaced when all of them have run.
function(h5lift_empty_settings)
    file(WRITE "${CMAKE_BINARY_DIR}/src/H5build_settings.c" "extern const char H5build_settings[];\nconst char H5build_settings[] = \"\";\n")
endfunction()
cmake_language(DEFER CALL h5lift_empty_settings)
