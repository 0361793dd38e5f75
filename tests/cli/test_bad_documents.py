"""Every part of a document wrong once: one sentence with its place, from `check` and `train` alike, and no trace.

What the structure alone shows (unknown keys, wrong types) is tested with the document; here what needs torch and data.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from torchwork.result import Run

from .answer import ask, files, refused, settings

ADAM = "optimizer.Adam"
DATA = [
    ("data.source=Shapess", r"data.source: .*'Shapess' \(did you mean Shapes\?\)"),
    ("data.source={Shapes: {sise: 3}}", r"data.source.Shapes.sise: .*did you mean size\?"),
    ("data.source={Shapes: {size: 0}}", r"data.source.Shapes: expected .* size from 8 to 512 .* got .* size 0"),
    ("data.source={ImageFolder: {root: none}}", r"ImageFolder.root: expected a folder at .*/none: No such file"),
    ("data.source={FashionMNIST: {root: none}}", r"FashionMNIST.root: expected train-images.* found none; set root"),
    ("data.source={CIFAR10: {root: none}}", r"CIFAR10.root: expected data_batch_1.* found none; set root"),
    ("data.source={Table: {path: none.csv, target: x}}", r"Table.path: expected a .csv file at .*none.csv: No such"),
    ("data.source={Arrays: {}}", r"Arrays: expected `path:` of an .npz file, or `x:` and `y:`"),
    ("data.source={Code: {file: mine.py, name: Mine}}", r"Code runs the file 'mine.py'.*read .*, then add --trust"),
    ("data.split.valid=nosuch", r"data.split.valid: expected a split .*\(train, valid, test\), got 'nosuch'"),
    ("data.split.valid={file: none.txt}", r"data.split.valid: expected a text file at .*none.txt.*: No such file"),
    ("data.prepare=[Rezise]", r"data.prepare\[0\]: .*did you mean Resize\?"),
    ("data.prepare=[Resize]", r"data.prepare\[0\].Resize: Resize needs size"),
    ("data.prepare=[{CenterCrop: {size: 0}}]", r"data.prepare: expected something left of each sample"),
    ("data.prepare=[RandomHorizontalFlip]", r"data.prepare\[0\]: .* which is random; move it to data.augment"),
    ("data.augment=[{RandomCrop: {size: 100}}]", r"RandomCrop: expected pictures of at least \[100, 100\]"),
    ("data.augment=[{RandomHorizontalFlip: {p: 2}}]", r"data.augment\[0\].RandomHorizontalFlip: .*\[0.0, 1.0\]"),
    ("data.augment=[{Grayscale: {}}]", r"data.augment: expected 3 channels as the other splits have, got 1"),
    ("data.augment=[{Lambda: {lambd: x}}]", r"data.augment\[0\]: Lambda is not offered as a transform"),
    ("data.normalize={mean: [0.5, 0.5], std: [1, 1]}", r"data.normalize: expected 3 values of mean and std"),
    ("data.batch_size=100 ;; data.drop_last=true", r"data.drop_last: train has 48 samples, .* no whole batch of 100"),
]
MODEL = [
    ("model.layers[0]={Conv2D: {out_channels: 4}}", r"layers\[0\].Conv2D: .*did you mean Conv2d\?"),
    ("model.layers[1]=Sequential", r"layers\[1\].Sequential: .* a chain of layers is the document's own `layers:`"),
    ("model.layers[0].Conv2d.out_chanels=4", r"layers\[0\].Conv2d.out_chanels: .*did you mean out_channels\?"),
    ("model.layers[0].Conv2d.out_channels=4.5", r"layers\[0\].Conv2d.out_channels: expected .*int, got 4.5"),
    ("model.layers[0].Conv2d.out_channels=four", r"layers\[0\].Conv2d.out_channels: unknown name `four`"),
    ("model.layers[4].Linear.out_features=klasses", r"layers\[4\].Linear.out_features: .*did you mean classes\?"),
    ("model.layers[4].Linear.out_features=classes ** 1000", r"out_features: .* a number becomes too large"),
    ("model.layers[0].Conv2d.kernel_size=30", r"layers\[0\].Conv2d: kernel_size is 30, .*larger than the input"),
    ("model.layers[0].Conv2d.in_channels=5", r"layers\[0\].Conv2d: in_channels is 5, but its input has 3 channels"),
    ("model.layers[0].Conv2d.groups=2", r"layers\[0\].Conv2d: .*divisible by groups"),
    ("model.layers[0]={Conv1d: {out_channels: 4, kernel_size: 3}}", r"layers\[0\].Conv1d: Conv1d expects 3 dimensions"),
    ("model.layers[1]={Dropout: {p: 3}}", r"layers\[1\].Dropout: .*between 0 and 1, but got 3"),
    ("model.layers[1]={LSTM: {hidden_size: 3}}", r"layers\[1\].LSTM: "),
    ("model.layers[1]={use: convv}", r"layers\[1\].use: .*did you mean conv\?"),
    ("model.layers[1]={ReLU: {}, from: nowhere}", r"layers\[1\].from: there is no node or input called nowhere"),
    ("model.layers[1]={ReLU: {}, from: head}", r"layers\[1\].from: the nodes form a cycle"),
    ("model.layers[1]={ReLU: {}, name: conv}", r"layers\[1\].name: two nodes are called conv"),
    ("model.layers[1]={ReLU: {}, repeat: 100000000}", r"layers\[1\].repeat: expected a whole number of at most 10000"),
    ("model.layers[3]={Flatten: {start_dim: 0}}", r"layers\[4\].Linear: in_features cannot be inferred"),
    ("model.layers[4].Linear.out_features=3", r"model: the model gives 3 outputs for 10 classes \(give the last layer"),
    ("model.outputs=[conv, head]", r"loss: CrossEntropyLoss takes input, target, but the model gives"),
    ("model.outputs=nix", r"model.outputs: there is no node or input called nix"),
    ("model.inputs=[a, b]", r"model.inputs: the model takes 2 inputs \(a, b\), but the data gives 1"),
    ("model.tie={head.weight: conv.weight}", r"model.tie.head.weight: tied parameters need one shape"),
    ("model.weights=none.safetensors", r"model.weights: expected a file of weights at .*none.safetensors, found none"),
    ("model.weights=experiment.yaml", r"model.weights: .*experiment.yaml is no file of weights"),
]
LEARNING = [
    ("loss=CrossEntropy", r"loss: .*did you mean CrossEntropyLoss\?"),
    ("loss={CrossEntropyLoss: {reduction: avg}}", r"loss.CrossEntropyLoss.reduction: expected one of 'none', 'mean'"),
    ("loss={CrossEntropyLoss: {weight: [1, 2]}}", r"loss: the loss does not fit: the model gives 2x10 float32"),
    ("loss=CTCLoss", r"loss.CTCLoss.blank: the blank 0 is the class .* \(write `blank: classes`"),
    ("loss={CTCLoss: {blank: classes}}", r"loss: CTCLoss takes log probabilities .*, the model gives \[2, 10\]"),
    ("loss={LinearCrossEntropyLoss: {in_features: 3, num_classes: classes}}", r"loss: .* does not fit"),
    ("loss=Linear", r"loss: expected a loss, but Linear is a layer"),
    ("task=regression", r"loss: CrossEntropyLoss cannot compare .* \[2, 10\] with targets of shape \[2\]"),
    ("optimizer=Adamm", r"optimizer: .*did you mean Adam\?"),
    (f"{ADAM}.lr=-1", r"optimizer.Adam: .*Invalid learning rate: -1"),
    (f"{ADAM}.lr=high", r"optimizer.Adam.lr: expected a number"),
    (f"{ADAM}.lr=1e300", r"schedule: the learning rate becomes 1e\+300 at epoch 1"),
    (f"{ADAM}.learning_rate=0.1", r"optimizer.Adam.learning_rate: Adam has no argument 'learning_rate'"),
    (f"{ADAM}.betas=0.9", r"optimizer.Adam.betas: expected a list of 2 numbers"),
    ("optimizer={SGD: {nesterov: true}}", r"optimizer.SGD: .*Nesterov momentum requires a momentum"),
    ("optimizer=SparseAdam", r"optimizer: SparseAdam takes only sparse gradients, but conv.weight has dense ones"),
    ("optimizer=Muon", r"optimizer.Muon: .*2D parameters"),
    ("optimizer=LBFGS ;; train.precision=fp16", r"train.precision: fp16 scales the loss, which LBFGS evaluates"),
    ("parameters=[{match: 'nix.*', freeze: true}]", r"parameters\[0\].match: `nix.\*` matches no parameter"),
    ("parameters=[{match: '*', freeze: true}]", r"parameters: every parameter is frozen"),
    ("parameters=[{match: '*.bias', set: {wd: 0}}]", r"parameters\[0\].set.wd: Adam has no argument 'wd'"),
    ("parameters=[{match: '*.bias', set: {lr: -1}}]", r"parameters.Adam: Adam\(lr=-1\): Invalid learning rate"),
    ("parameters=[{match: '*.bias', init: kaiming_normal_}]", r"parameters\[0\].init.kaiming_normal_: for conv.bias"),
    ("parameters=[{match: '*', optimizer: Adan}]", r"parameters\[0\].optimizer: .*did you mean Adam\?"),
    ("schedule=CosineAnealing", r"schedule: .*did you mean CosineAnnealingLR\?"),
    ("schedule=CosineAnnealingLR", r"schedule.CosineAnnealingLR: CosineAnnealingLR needs T_max"),
    ("schedule={StepLR: {step_size: 0}}", r"schedule: the schedule StepLR cannot make its step 1|StepLR.step_size"),
    ("schedule={StepLR: {step_size: 1, gamma: -1}}", r"schedule: the learning rate becomes -0.01 at epoch 2"),
    ("schedule={OneCycleLR: {max_lr: 0.1}}", r"schedule.OneCycleLR: .*total_steps"),
    ("schedule={OneCycleLR: {max_lr: 0.1, total_steps: 2}}", r"schedule: .* ends too early: its total_steps is 2"),
    ("schedule={ReduceLROnPlateau: {}, every: step}", r"schedule: ReduceLROnPlateau .* set every: epoch"),
    ("schedule={ReduceLROnPlateau: {}, monitor: valid/los}", r"schedule.monitor: .*did you mean valid/loss\?"),
    ("schedule={LambdaLR: {lr_lambda: '0.95 ** step + x'}}", r"schedule.LambdaLR.lr_lambda: expected an expression"),
    ("schedule={LambdaLR: {lr_lambda: '1 / epoch'}}", r"schedule.LambdaLR: .*division by zero"),
    ("schedule={LambdaLR: {lr_lambda: '(-1) ** (epoch / 2)'}}", r"schedule: .* LambdaLR cannot make its step 1"),
    ("schedule.warmup={linar: {length: 5 steps}}", r"schedule.warmup: .*did you mean linear\?"),
    ("schedule.warmup={linear: {length: 5}}", r"schedule.warmup.linear: expected a length such as `500 steps`"),
    ("schedule.warmup=untuned_linear ;; optimizer=SGD", r"schedule.warmup.untuned_linear: .* optimizer with betas"),
]  # fmt: skip
TRAINING = [
    ("train.early_stop={monitor: valid/x, patience: 3}", r"train.early_stop.monitor: `valid/x` is not measured"),
    ("train.checkpoint.best=valid/acc", r"train.checkpoint.best: .*did you mean valid/accuracy\?"),
    ("name=../evil", r"name: expected a letter or digit and then"),
    ("nonsense", r"--set nonsense: expected `path=value`"),
    ("model.layers[99]=ReLU", r"`model.layers\[99\]` does not exist: the list `model.layers` has 5 items"),
    ("train.epochs=[", r"--set train.epochs=\[: this is not valid YAML: .*a bracket is not closed"),
]
CASES = [*DATA, *MODEL, *LEARNING, *TRAINING]


@pytest.mark.parametrize(("wrong", "told"), CASES, ids=[wrong for wrong, _ in CASES])
def test_one_sentence_says_what_where_and_how_to_mend_it(here: Path, wrong: str, told: str) -> None:
    before = files(here)
    changes = settings(*wrong.split(" ;; "))
    sentence = refused("check", "experiment.yaml", *changes)
    assert re.search(told, sentence), sentence
    assert sentence.startswith(("experiment.yaml:", "--set "))
    assert not re.search(r"Traceback|torch\.Size|NoneType|object is not|\[Errno", sentence)
    assert refused("train", "experiment.yaml", *changes) == sentence
    assert files(here) == before


def test_everything_wrong_is_told_at_once_in_the_order_of_the_document() -> None:
    wrong = settings("model.layers[0].Conv2d.kernel=3", "loss=CrossEntropy", "optimizer=Adamm", "schedule=Cosine")
    answer = ask("check", "experiment.yaml", *wrong)
    places = [sentence.split(": ")[1] for sentence in answer.errors]
    assert places == ["model.layers[0].Conv2d.kernel", "loss", "optimizer", "schedule"]


def test_a_place_has_its_line(here: Path) -> None:
    text = (here / "experiment.yaml").read_text("utf-8").replace("kernel_size: 3", "kernel_size: 30")
    (here / "wrong.yaml").write_text(text, "utf-8")
    assert refused("check", "wrong.yaml").startswith("wrong.yaml:8: model.layers[0].Conv2d: kernel_size is 30")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "expected an experiment, a mapping with data, model and loss, got nothing"),
        (b"just text", 'got "just text"'),
        (b"[1, 2]", r"got \[1, 2\]"),
        (b"train: [1, 2", "1: this is not valid YAML: .*a bracket is not closed"),
        (b'{"train": {"epochs": 1}', "this is not valid YAML"),
        (bytes(range(256)) * 10, "is not a text file; expected an experiment in YAML or JSON"),
        (b"\0" * 100, "not valid YAML"),
        (b"a: b\n" * 2_000_000, "expected at most 1,000,000 characters"),
        (b"[" * 100_000, "expected fewer levels inside each other"),
        (b"a: &a [*a]", "expected at most 100,000 values and 64 levels"),
        (b"a: !!python/object:os.system x", "python/object:os.system"),
    ],
    ids=["empty", "text", "list", "half YAML", "half JSON", "binary", "zeros", "10 MB", "deep", "alias", "code"],
)
def test_a_file_that_is_no_document(here: Path, content: bytes, told: str) -> None:
    (here / "file.yaml").write_bytes(content)
    sentence = refused("check", "file.yaml")
    assert "file.yaml" in sentence and re.search(told, sentence), sentence
    assert refused("train", "file.yaml") == sentence
    assert files(here) == {"experiment.yaml", "file.yaml"}


def test_no_file_at_all(here: Path) -> None:
    (here / "folder.yaml").mkdir()
    assert "No such file or directory; `torchwork new` writes a first document" in refused("check", "none.yaml")
    assert "Is a directory" in refused("train", "folder.yaml")
    assert "Is a directory" in refused("check", "")


@pytest.mark.parametrize(("device", "told"), [("cuda:7", "cuda:7"), ("mps", "Apple GPU")])
def test_a_device_that_is_not_there(here: Path, device: str, told: str) -> None:
    sentence = refused("train", "experiment.yaml", "--set", f"train.device={device}")
    assert told in sentence and "set train.device: auto" in sentence
    assert files(here) == {"experiment.yaml"}


def test_a_model_that_no_memory_holds(here: Path) -> None:
    huge = "model.layers[4].Linear.out_features=10000000000000"
    assert "weights and gradients need" in ask("check", "experiment.yaml", "--set", huge).out
    sentence = refused("train", "experiment.yaml", "--set", huge)
    assert re.search(r"need \d+.* GB, but .* of memory are free; make the largest layers smaller", sentence)
    assert files(here) == {"experiment.yaml"}


def test_a_loss_that_is_no_number_names_step_and_layer(here: Path) -> None:
    sentence = refused("train", "experiment.yaml", "--set", f"{ADAM}.lr=1e30")
    assert re.search(r"stopped being finite at step 2 \(epoch 1\): .* (head|conv)", sentence), sentence
    assert "lower the learning rate" in sentence
    assert Run.open("runs/first-1").status == "failed"
    assert Run.open("runs/first-1").folder.info.error == sentence


def test_a_failure_before_the_first_epoch_stands_in_the_run(here: Path) -> None:
    sentence = refused("train", "experiment.yaml", "--set", "loss=BCELoss")
    assert sentence.startswith("step 1: ") and "between 0 and 1" in sentence
    info = Run.open("runs/first-1").folder.info
    assert (info.status, info.error, info.result) == ("failed", sentence, {})


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (("--runs", "experiment.yaml"), "cannot make a run folder in experiment.yaml: it is a file"),
        (("--runs", "/proc/none"), "cannot make a run folder in /proc/none"),
        (("--run", "experiment.yaml"), "experiment.yaml exists already; choose another folder"),
        (("--run", "."), ". exists already"),
        (("--run", ""), "exists already"),
        (("--run", "*?"), "a run's name becomes a folder, so it has letters"),
    ],
)
def test_a_place_where_no_run_can_be(here: Path, place: tuple[str, str], told: str) -> None:
    assert told in refused("train", "experiment.yaml", *place)
    assert files(here) == {"experiment.yaml"}
