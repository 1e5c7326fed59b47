# An overlay port for a tree that is there already: vcpkg install orkestr --overlay-ports=conan/vcpkg
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
vcpkg_check_features(OUT_FEATURE_OPTIONS features
  FEATURES platform ORKESTR_PLATFORM postgres ORKESTR_POSTGRES http-client ORKESTR_HTTP_CLIENT smtp ORKESTR_SMTP)
vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS ${features} -DORKESTR_BUILD_SERVER=OFF -DORKESTR_BUILD_TESTS=OFF -DORKESTR_BINDINGS=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(PACKAGE_NAME orkestr CONFIG_PATH lib/cmake/orkestr)
vcpkg_fixup_pkgconfig()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
