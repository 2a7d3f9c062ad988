# What is installed beside the program, and the .deb: `cpack -G DEB` in the build folder, or packaging/make-deb.sh.
# Debian's own tools find the libraries it depends on; what is loaded while it runs is named here.
include(GNUInstallDirs)
set(QD_APP_ID org.quarterdeck.Quarterdeck)
set(QD_ICON_SIZES 16 22 24 32 48 64 128 256)
# example.org is nobody's, by RFC 2606: who hands packages out sets an address that is read.
set(QD_MAINTAINER "The Quarterdeck authors <quarterdeck@example.org>" CACHE STRING "Maintainer of the package")

# Icons in every size, drawn from the one SVG.
add_executable(draw_icons packaging/draw_icons.cpp)
target_compile_features(draw_icons PRIVATE cxx_std_23)
target_compile_options(draw_icons PRIVATE -Wall -Wextra) # no sanitizers: it runs while the program is built
target_link_libraries(draw_icons PRIVATE Qt6::Gui Qt6::Svg)
set(icons ${CMAKE_BINARY_DIR}/packaging/icons)
file(MAKE_DIRECTORY ${icons})
list(TRANSFORM QD_ICON_SIZES REPLACE "(.+)" "${icons}/\\1.png" OUTPUT_VARIABLE icon_files)
add_custom_command(OUTPUT ${icon_files}
  COMMAND draw_icons ${PROJECT_SOURCE_DIR}/resources/icons/quarterdeck.svg ${icons} ${QD_ICON_SIZES}
  DEPENDS draw_icons resources/icons/quarterdeck.svg VERBATIM)
foreach(size IN LISTS QD_ICON_SIZES)
  install(FILES ${icons}/${size}.png RENAME quarterdeck.png
    DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/${size}x${size}/apps)
endforeach()
install(FILES resources/icons/quarterdeck.svg DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps)

# Compressed as Debian wants them, without name and time of the original; the changelog signed by the maintainer.
find_program(GZIP gzip REQUIRED)
set(signed "sed 's|^ -- .*>  | -- ${QD_MAINTAINER}  |'")
foreach(file "linux/quarterdeck.1,quarterdeck.1.gz,cat" "debian/changelog,changelog.gz,${signed}")
  string(REPLACE "," ";" file "${file}")
  list(GET file 0 from)
  list(GET file 1 to)
  list(GET file 2 filter)
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/packaging/${to}
    COMMAND sh -c "${filter} '${PROJECT_SOURCE_DIR}/packaging/${from}' | '${GZIP}' -9n > '${CMAKE_BINARY_DIR}/packaging/${to}'"
    DEPENDS packaging/${from} VERBATIM)
  list(APPEND zipped ${CMAKE_BINARY_DIR}/packaging/${to})
endforeach()
add_custom_target(package_files ALL DEPENDS ${icon_files} ${zipped})
install(FILES ${CMAKE_BINARY_DIR}/packaging/quarterdeck.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${CMAKE_BINARY_DIR}/packaging/changelog.gz packaging/debian/copyright
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/quarterdeck)

install(FILES packaging/linux/${QD_APP_ID}.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)
install(FILES packaging/linux/${QD_APP_ID}.metainfo.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo)
install(FILES packaging/linux/quarterdeck.service DESTINATION lib/systemd/user)
install(FILES packaging/linux/quarterdeck.bash RENAME quarterdeck
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "The Quarterdeck authors")
set(CPACK_PACKAGE_CONTACT "${QD_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "operations console of a crypto paper-trading pipeline")
set(CPACK_PACKAGE_DESCRIPTION
"Quarterdeck is the desktop console of one operator who runs a pipeline of
crypto strategies. One program takes ticks from the exchange, stores them,
paper-trades strategies on them, and shows what happens and why: figures with
their intervals, a nightly review, gates, experiments, and a journal in which
switches, stages, parameters and policy can be taken back. No real money moves.

A simulated market inside the program is the default, so nothing has to be set
up to look at it. The same engines run without a window as a service of the
user.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_MONOLITHIC_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${QD_MAINTAINER}")
set(CPACK_DEBIAN_PACKAGE_SECTION misc)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "qt6-qpa-plugins, libqt6svg6, hicolor-icon-theme")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "fonts-inter, fonts-jetbrains-mono")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
