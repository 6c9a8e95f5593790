console.log("chubo", process.version, import.meta.dirname);
