/** What the archive's records say of an entry. */
export interface ZipRecord {
  name: Buffer;
  mode: number;
  /** Of the local header, in the archive. */
  offset: number;
  crc: number;
  size: number;
  compressedSize: number;
  /** 0 stored, 8 deflated. */
  method: 0 | 8;
  /** Checksum and sizes come behind the content. */
  isStreamed?: boolean;
  /** The sizes there have eight bytes. */
  isLarge?: boolean;
}

/** What four and two bytes cannot hold is in a record of Zip64, and these stand in its place. */
const noFourBytes = 0xffffffff;
const noTwoBytes = 0xffff;

/** Deflate may make a file a little larger than it was. */
const largest = 0xfff00000;

/** UTF-8 names. */
const nameFlag = 0x0800;
const streamFlag = 0x0008;
const madeByUnix = 3 << 8;
const version = { plain: 20, zip64: 45 };

/** 1 January 2000, 0:00. */
const dosDate = ((2000 - 1980) << 9) | (1 << 5) | 1;

export function isLarge(size: number): boolean {
  return size >= largest;
}

/** APPNOTE 4.3.7. */
export function localHeader(record: ZipRecord): Buffer {
  const { name, isStreamed = false, isLarge: isLargeStream = false } = record;
  const extra = isLargeStream ? zip64Extra([0, 0]) : Buffer.alloc(0);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(isLargeStream ? version.zip64 : version.plain, 4);
  writeShared(header, 6, record);
  const [compressed, size] = isLargeStream
    ? [noFourBytes, noFourBytes]
    : isStreamed
      ? [0, 0]
      : [record.compressedSize, record.size];
  header.writeUInt32LE(isStreamed ? 0 : record.crc, 14);
  header.writeUInt32LE(compressed, 18);
  header.writeUInt32LE(size, 22);
  header.writeUInt16LE(name.byteLength, 26);
  header.writeUInt16LE(extra.byteLength, 28);
  return Buffer.concat([header, name, extra]);
}

/** APPNOTE 4.3.9. */
export function dataDescriptor({ crc, size, compressedSize, isLarge: hasEightBytes = false }: ZipRecord): Buffer {
  const descriptor = Buffer.alloc(hasEightBytes ? 24 : 16);
  descriptor.writeUInt32LE(0x08074b50, 0);
  descriptor.writeUInt32LE(crc, 4);
  if (hasEightBytes) {
    descriptor.writeBigUInt64LE(BigInt(compressedSize), 8);
    descriptor.writeBigUInt64LE(BigInt(size), 16);
  } else {
    descriptor.writeUInt32LE(compressedSize, 8);
    descriptor.writeUInt32LE(size, 12);
  }
  return descriptor;
}

/** APPNOTE 4.3.12. */
export function centralRecord(record: ZipRecord): Buffer {
  const { name, mode, crc, size, compressedSize, offset } = record;
  // In this order, and only those that do not fit.
  const values = [size, compressedSize, offset];
  const extra = values.some((value) => value >= noFourBytes)
    ? zip64Extra(values.filter((value) => value >= noFourBytes))
    : Buffer.alloc(0);
  const needed = extra.byteLength > 0 || record.isLarge ? version.zip64 : version.plain;
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(madeByUnix | needed, 4);
  central.writeUInt16LE(needed, 6);
  writeShared(central, 8, record);
  central.writeUInt32LE(crc, 16);
  central.writeUInt32LE(Math.min(compressedSize, noFourBytes), 20);
  central.writeUInt32LE(Math.min(size, noFourBytes), 24);
  central.writeUInt16LE(name.byteLength, 28);
  central.writeUInt16LE(extra.byteLength, 30);
  central.writeUInt32LE((mode << 16) >>> 0, 38);
  central.writeUInt32LE(Math.min(offset, noFourBytes), 42);
  return Buffer.concat([central, name, extra]);
}

/** Flags, method, time and date: the same in both headers. */
function writeShared(header: Buffer, at: number, { isStreamed = false, method }: ZipRecord): void {
  header.writeUInt16LE(nameFlag | (isStreamed ? streamFlag : 0), at);
  header.writeUInt16LE(method, at + 2);
  header.writeUInt16LE(0, at + 4);
  header.writeUInt16LE(dosDate, at + 6);
}

/** APPNOTE 4.5.3. */
function zip64Extra(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  for (const [index, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  return extra;
}

/** The end of the central directory, with that of Zip64 before it where it is needed: APPNOTE 4.3.14 to 4.3.16. */
export function endRecords(count: number, start: number, length: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(count, noTwoBytes), 8);
  end.writeUInt16LE(Math.min(count, noTwoBytes), 10);
  end.writeUInt32LE(Math.min(length, noFourBytes), 12);
  end.writeUInt32LE(Math.min(start, noFourBytes), 16);
  if (count < noTwoBytes && start < noFourBytes && length < noFourBytes) return end;
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeUInt16LE(madeByUnix | version.zip64, 12);
  end64.writeUInt16LE(version.zip64, 14);
  for (const [index, value] of [count, count, length, start].entries()) {
    end64.writeBigUInt64LE(BigInt(value), 24 + 8 * index);
  }
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(start + length), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([end64, locator, end]);
}
