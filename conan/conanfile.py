from pathlib import Path
import re

from conan import ConanFile
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy


class Orkestr(ConanFile):
    """`conan create conan`. What it stands on comes from ConanCenter, or from the system by a profile (profiles/system)."""

    name = "orkestr"
    description = "The booking engine you link: slots, prices, policies, a platform on SQLite or PostgreSQL, and its REST API"
    license = "Apache-2.0"
    topics = ("booking", "scheduling", "availability", "pricing")
    package_type = "static-library"
    settings = "os", "compiler", "build_type", "arch"
    options = {"platform": [True, False], "postgres": [True, False], "http_client": [True, False], "smtp": [True, False]}
    default_options = {"platform": True, "postgres": True, "http_client": True, "smtp": True}

    def set_version(self):
        text = (Path(self.recipe_folder).parent / "CMakeLists.txt").read_text()
        self.version = re.search(r"project\(orkestr VERSION ([\d.]+)", text)[1]

    def export_sources(self):
        root = Path(self.recipe_folder).parent
        for pattern in ("CMakeLists.txt", "LICENSE", "include/*", "src/*", "scripts/*.cmake"):
            copy(self, pattern, root, self.export_sources_folder)

    def configure(self):
        if not self.options.platform:
            for above in ("postgres", "http_client", "smtp"):
                self.options.rm_safe(above)

    def requirements(self):
        self.requires("boost/[>=1.81 <2]", transitive_headers=True)
        self.requires("openssl/[>=3 <4]")
        self.requires("date/[>=3]")
        self.requires("libxcrypt/[>=4.4]")
        if self.options.platform:
            self.requires("sqlite3/[>=3.40]")
            self.requires("libcsv/[>=3]")
            self.requires("libical/[>=3]")
        if self.options.get_safe("postgres"):
            self.requires("libpq/[>=15]")
        if self.options.get_safe("http_client"):
            self.requires("c-ares/[>=1.18]")
        if self.options.get_safe("smtp"):
            self.requires("libcurl/[>=7.88]")

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        for name, on in (("PLATFORM", self.options.platform), ("POSTGRES", self.options.get_safe("postgres")),
                         ("HTTP_CLIENT", self.options.get_safe("http_client")), ("SMTP", self.options.get_safe("smtp"))):
            toolchain.variables[f"ORKESTR_{name}"] = bool(on)
        toolchain.variables["ORKESTR_PRECOMPILE"] = True  # half the time
        for off in ("BUILD_SERVER", "BUILD_TESTS", "BINDINGS"):
            toolchain.variables[f"ORKESTR_{off}"] = False
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, Path(self.package_folder) / "licenses")
        CMake(self).install()

    def package_info(self):
        # Its own configuration for CMake is better than one made up: it knows the components and what each stands on.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs.append("lib/cmake/orkestr")
