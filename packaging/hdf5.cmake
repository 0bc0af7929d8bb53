# CMake reads this file before HDF5's own (CMAKE_TOOLCHAIN_FILE). It keeps the build machine out of the library:
# without it, the binary holds the machine's name, kernel and paths as HDF5's "settings", and the build folder as
# the folder of plugins.
set(HDF5_ENABLE_EMBEDDED_LIBINFO OFF CACHE BOOL "" FORCE)
set(H5_DEFAULT_PLUGINDIR "/usr/local/hdf5/lib/plugin")
