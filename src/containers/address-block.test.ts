import assert from "node:assert/strict";
import { test } from "node:test";
import { findAddressBlock } from "./address-block.ts";

const head = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n";
const defaultRoute = "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n";

test("takes the block that the seed names where nothing is in the way", () => {
  const block = findAddressBlock({ seed: 1025, routes: head + defaultRoute, resolvConf: "" });
  assert.deepEqual(block, { block: "10.192.16.0/20", gateway: "10.192.16.1/24" });
});

test("passes over a block that a route leads into, wholly or in part", () => {
  const within = "chubo1\t0011C00A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
  const around = "tun0\t0020C00A\t00000000\t0001\t0\t0\t0\t00E0FFFF\t0\t0\t0\n";
  const block = findAddressBlock({ seed: 1, routes: head + within + around, resolvConf: "" });
  assert.equal(block?.block, "10.192.64.0/20");
});

test("passes over a block that holds a name server", () => {
  const resolvConf = "search example.org\nnameserver 10.255.255.53\nnameserver fd00::1\n";
  assert.equal(findAddressBlock({ seed: 1023, routes: head, resolvConf })?.block, "10.192.0.0/20");
});

test("leaves 10.0.0.0/8 where one route takes it whole", () => {
  const ten = "tun0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n";
  assert.equal(findAddressBlock({ seed: 33, routes: head + ten, resolvConf: "" })?.block, "198.18.16.0/20");
});

test("finds none where routes take both ranges", () => {
  const ten = "tun0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n";
  const benchmark = "tun1\t000012C6\t00000000\t0001\t0\t0\t0\t0000FEFF\t0\t0\t0\n";
  assert.equal(findAddressBlock({ seed: 5, routes: head + ten + benchmark, resolvConf: "" }), undefined);
});
