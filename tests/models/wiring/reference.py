"""Writes the logits of networks.json: what public implementations make of the same parameters and the same picture.

    node scripts/dump-wiring.mjs FOLDER
    python tests/models/wiring/reference.py FOLDER
    npx biome check --write tests/models/wiring/networks.json

Needs torch 2.13, torchvision 0.28, timm 1.0.29 and keras 3.15, which runs on torch here. Where lanewise's network is a narrow one,
so is theirs: the channels of every layer that it makes are divided.
"""

import json
import os
import re
import sys
from contextlib import contextmanager
from inspect import signature
from pathlib import Path
from unittest.mock import patch

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import timm
import timm.layers.pool2d_same
import torch
import torchvision
from torch import nn
from torch.nn import functional

CLASSES = 10
HERE = Path(__file__).parent


@contextmanager
def narrowed(fewer):
    """Has the layers of torch that are made within have other numbers of channels."""

    def patched(layer):
        make = layer.__init__
        counts = ("in_channels", "out_channels", "num_features", "in_features", "out_features")

        def init(self, *args, **kwargs):
            given = signature(make).bind(self, *args, **kwargs)
            depthwise = given.arguments.get("groups", 1) == given.arguments.get("in_channels")
            for name in (*counts, "groups") if depthwise else counts:
                if name in given.arguments:
                    given.arguments[name] = fewer(given.arguments[name])
            make(*given.args, **given.kwargs)

        return patch.object(layer, "__init__", init)

    with patched(nn.Conv2d), patched(nn.BatchNorm2d), patched(nn.Linear):
        yield


def divided(by, others={}):
    """Channels by which all are divided, but for colours, classes and those that are given."""
    kept = {3: 3, CLASSES: CLASSES, **others}
    return lambda channels: kept.get(channels) or channels // by


def narrow_torch(make, fewer):
    with narrowed(fewer):
        return make()


def mean_without_padding(self, x):
    """timm's mean pool counts the zeros around an image of even size; TensorFlow's and pretrained-models.pytorch's does not."""
    pad = timm.layers.pool2d_same.pad_same
    there = pad(torch.ones_like(x[:1, :1]), self.kernel_size, self.stride)
    sums = functional.avg_pool2d(pad(x, self.kernel_size, self.stride), self.kernel_size, self.stride)
    return sums / functional.avg_pool2d(there, self.kernel_size, self.stride)


timm.layers.pool2d_same.AvgPool2dSame.forward = mean_without_padding


def of_torchvision(name, **kwargs):
    return lambda: getattr(torchvision.models, name)(weights=None, num_classes=CLASSES, **kwargs)


def of_timm(name, **kwargs):
    return lambda: timm.create_model(name, num_classes=CLASSES, **kwargs)


def half_of_cell(layer):
    """`2.left.1.conv.depthwise` is their comb_iter_1_left.separable_1.depthwise_conv2d."""
    number, side, rest = re.match(r"(\d)\.(left|right)\.(.*)", layer).groups()
    base = f"comb_iter_{int(number) - 1}_{side}."
    inner = re.match(r"(\d)\.(conv\.depthwise|conv|norm)$", rest)
    if not inner:
        return base + {"conv": "conv", "norm": "bn"}[rest]
    kinds = {"conv.depthwise": "separable_{}.depthwise_conv2d", "conv": "separable_{}.pointwise_conv2d", "norm": "bn_sep_{}"}
    return base + kinds[inner[2]].format(inner[1])


def in_cell(cell, layer, shortcut, modules):
    """A layer of a cell; `shortcut` is where theirs keeps what makes the earlier input fit."""
    if layer.startswith("input."):
        return f"{cell}.conv_1x1.{'conv' if layer.endswith('conv') else 'bn'}"
    if not layer.startswith("earlier."):
        return f"{cell}.{half_of_cell(layer)}"
    within, kind = f"{cell}{shortcut}", layer.removeprefix("earlier.")
    if kind in ("even", "odd"):
        return f"{within}.path_{1 if kind == 'even' else 2}.conv"
    if f"{within}.path_1.conv" in modules:
        return f"{within}.final_path_bn"
    return f"{cell}.conv_prev_1x1.{'conv' if kind == 'conv' else 'bn'}"


def cell_names(stem, shortcut, cell_of):
    def name(layer, modules):
        if layer == "output":
            return "last_linear"
        where, _, rest = layer.partition(".")
        if where == "stem":
            return f"{stem}.{'conv' if rest == 'conv' else 'bn'}"
        if where.startswith("stage"):
            number, _, rest = rest.partition(".")
            where += number
        return in_cell(cell_of(*re.match(r"([a-z]+)(\d)(?:cell(\d+))?", where).groups()), rest, shortcut, modules)

    return name


def nasnet_cell(kind, number, cell):
    first = int(number) - 1
    return {"stem": f"cell_stem_{first}", "reduction": f"reduction_cell_{first}"}.get(kind) or f"cell_{6 * first + int(cell) - 1}"


def pnasnet_cell(kind, number, cell):
    if kind == "stem":
        return f"cell_stem_{int(number) - 1}"
    return f"cell_{4 * int(number)}" if kind == "reduction" else f"cell_{4 * (int(number) - 1) + int(cell) - 1}"


def run_torch(make, tensors, picture, named=None):
    """Puts the tensors into the network's layers, by their names or in the order in which both run them."""
    network = make().eval()
    kinds = (nn.Conv2d, nn.BatchNorm2d, nn.Linear)
    modules = {name: module for name, module in network.named_modules() if isinstance(module, kinds)}
    order = []
    hooks = [module.register_forward_hook(lambda *_, name=name: order.append(name)) for name, module in modules.items()]
    network(picture)
    for hook in hooks:
        hook.remove()
    layers = {}
    for name, tensor in tensors.items():
        layer, role = name.rsplit(".", 1)
        layers.setdefault(layer, {})[role] = tensor
    theirs = [named(layer, modules) for layer in layers] if named else order
    assert sorted(theirs) == sorted(order) and len(theirs) == len(layers)
    for name, parameters in zip(theirs, layers.values(), strict=True):
        put(modules[name], parameters)
    return network(picture).flatten().tolist()


def put(module, parameters):
    names = {"weight": "weight", "bias": "bias"}
    if isinstance(module, nn.BatchNorm2d):
        names = {"gain": "weight", "bias": "bias", "mean": "running_mean", "variance": "running_var"}
    for role, tensor in parameters.items():
        target = getattr(module, names[role])
        assert target.shape == tensor.shape, (module, role, tensor.shape)
        target.copy_(tensor)


def xception_name(layer, network):
    if layer == "output":
        return "predictions"
    made = lambda prefix: [each.name for each in network.layers if re.fullmatch(prefix + r"(_\d+)?", each.name)]
    in_order = lambda names: sorted(names, key=lambda name: int((re.findall(r"\d+$", name.replace("2d", "")) or [0])[0]))
    place, _, kind = layer.rpartition(".")
    suffix = "_bn" if kind == "norm" else ""
    if place.startswith("stem"):
        return f"block1_conv{place[-1]}{suffix}"
    if place.endswith(".shortcut"):
        at = ["entry1", "entry2", "entry3", "exit1"].index(place.split(".")[0])
        return in_order(made("conv2d") if kind == "conv" else made("batch_normalization"))[at]
    part, number, separable = re.match(r"([a-z]+)(\d)\.(\d)", place.replace("then.1", "2")).groups()
    block = {"entry": 1, "middle": 4, "exit": 12}[part] + int(number)
    return f"block{block}_sepconv{separable}{suffix}"


def mobilenet_name(layer, _):
    if layer == "output":
        return "conv_preds"
    place, _, kind = layer.rpartition(".")
    suffix = "_bn" if kind == "norm" else ""
    if place == "stem":
        return f"conv1{suffix}"
    block, half = re.match(r"block(\d+)\.(depthwise|pointwise)", place).groups()
    return f"conv_{half[0]}w_{block}{suffix}"


def narrow_xception(**kwargs):
    """Keras's layers learn how many channels come in; only what they make is to be divided."""
    layers = keras.src.applications.xception.layers
    narrow = lambda layer: lambda filters, *args, **kw: layer(filters // 8, *args, **kw)
    made = {name: narrow(getattr(layers, name)) for name in ("Conv2D", "SeparableConv2D")}
    with patch.multiple(layers, **made):
        return keras.applications.Xception(**kwargs)


def run_keras(make, tensors, picture, named):
    size = picture.shape[2]
    network = make(weights=None, classes=CLASSES, classifier_activation=None, input_shape=(size, size, 3))
    filled = 0
    for name, tensor in tensors.items():
        layer, role = name.rsplit(".", 1)
        depthwise = layer.endswith(".conv.depthwise")
        target = network.get_layer(named(layer.removesuffix(".depthwise") if depthwise else layer, network))
        weights = {weight.name: weight for weight in target.weights}
        roles = {"gain": "gamma", "bias": "beta" if "beta" in weights else "bias", "mean": "moving_mean", "variance": "moving_variance"}
        kernel = "depthwise_kernel" if depthwise else "pointwise_kernel" if "pointwise_kernel" in weights else "kernel"
        weight = weights[roles.get(role, kernel)]
        values = tensor.numpy()
        if role == "weight":
            of_depth = depthwise or type(target).__name__ == "DepthwiseConv2D"
            values = values.transpose((2, 3, 0, 1) if of_depth else (2, 3, 1, 0)) if values.ndim == 4 else values.T
            values = values.reshape(weight.shape) if layer == "output" else values
        weight.assign(np.ascontiguousarray(values))
        filled += 1
    assert filled == len(network.weights)
    return network.predict(picture.numpy().transpose(0, 2, 3, 1), verbose=0).flatten().tolist()


EIGHTH = divided(8)
VISION, TIMM, KERAS = (f"{module.__name__} {module.__version__.partition('+')[0]}" for module in (torchvision, timm, keras))
PLAIN = {"aux_logits": False, "transform_input": False, "init_weights": False}
NASNET = of_timm("nasnetalarge", stem_size=12, num_features=24 * 20)
PNASNET = lambda: narrow_torch(of_timm("pnasnet5large"), divided(9, {96: 11}))


def eighth(make):
    return lambda: narrow_torch(make, EIGHTH)


def same_name(name):
    return name.replace("-", "_")


RUNS = {
    "inception-v3": (VISION, run_torch, eighth(of_torchvision("inception_v3", **PLAIN))),
    "googlenet": (VISION, run_torch, eighth(of_torchvision("googlenet", **PLAIN))),
    "inception-v4": (TIMM, run_torch, eighth(of_timm("inception_v4"))),
    "inception-resnet-v2": (TIMM, run_torch, eighth(of_timm("inception_resnet_v2"))),
    "xception": (KERAS, run_keras, narrow_xception, xception_name),
    "nasnet-a-large": (TIMM, run_torch, NASNET, cell_names("conv0", "", nasnet_cell)),
    "pnasnet-5-large": (TIMM, run_torch, PNASNET, cell_names("conv_0", ".conv_prev_1x1", pnasnet_cell)),
    "mobilenet-v1": (KERAS, run_keras, keras.applications.MobileNet, mobilenet_name),
    "shufflenet-v2-x1.0": (VISION, run_torch, of_torchvision("shufflenet_v2_x1_0")),
    **{
        name: (VISION, run_torch, of_torchvision(same_name(name)))
        for name in ("mobilenet-v2", "mobilenet-v3-small", "mobilenet-v3-large", "efficientnet-b0")
        + ("regnet-x-400mf", "regnet-y-400mf")
    },
    **{
        name: (VISION, run_torch, eighth(of_torchvision(same_name(name))))
        for name in ("alexnet", "vgg11", "vgg11-bn", "resnet18", "resnet50", "densenet121")
    },
    "wide-resnet50-2": (VISION, run_torch, eighth(of_torchvision("wide_resnet50_2"))),
}


def read(folder, name):
    numbers, at, tensors = np.fromfile(folder / f"{name}.bin", np.float32), 0, {}
    for each in json.loads((folder / f"{name}.json").read_text()):
        count = int(np.prod(each["dims"]))
        tensors[each["name"]] = torch.from_numpy(numbers[at : at + count].reshape(each["dims"]))
        at += count
    return tensors, tensors.pop("picture")


@torch.no_grad()
def main(folder):
    path = HERE / "networks.json"
    cases = json.loads(path.read_text())
    for case in cases:
        implementation, run, *how = RUNS[case["name"]]
        tensors, picture = read(folder, case["name"])
        make, *named = how
        logits = run(make, tensors, picture, *named)
        case["implementation"] = implementation
        case["logits"] = [float(f"{logit:.7g}") for logit in logits]
        print(case["name"], case["logits"][:3])
    path.write_text("[\n" + ",\n".join("  " + json.dumps(case) for case in cases) + "\n]\n")


main(Path(sys.argv[1]))
