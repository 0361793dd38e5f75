"""Networks as people write them, each with the inputs that it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Attention(nn.Module):
    """Causal self-attention over [batch, time, width]."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.c_attn = nn.Linear(width, 3 * width)
        self.c_proj = nn.Linear(width, width)
        self.resid_dropout = nn.Dropout(0.1)
        self.n_head, self.n_embd, self.dropout = heads, width, 0.1

    def forward(self, x: Tensor) -> Tensor:
        B, T, C = x.size()
        q, k, v = self.c_attn(x).split(self.n_embd, dim=2)
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        y = y.transpose(1, 2).contiguous().view(B, T, C)
        return self.resid_dropout(self.c_proj(y))


class MLP(nn.Module):
    """Two linear layers with GELU."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.c_fc, self.gelu, self.c_proj = nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.c_proj(self.gelu(self.c_fc(x)))


class Block(nn.Module):
    """Attention and MLP, each behind a norm and around an identity."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.ln_1, self.attn = nn.LayerNorm(width), Attention(width, heads)
        self.ln_2, self.mlp = nn.LayerNorm(width), MLP(width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(nn.Module):
    """A small language model with tied weights and modules in a ModuleDict."""

    def __init__(
        self, vocabulary: int = 20, context: int = 16, width: int = 32, heads: int = 4, layers: int = 3
    ) -> None:
        super().__init__()
        self.context = context
        self.transformer = nn.ModuleDict({
            "wte": nn.Embedding(vocabulary, width), "wpe": nn.Embedding(context, width), "drop": nn.Dropout(0.1),
            "h": nn.ModuleList([Block(width, heads) for _ in range(layers)]), "ln_f": nn.LayerNorm(width),
        })  # fmt: skip
        self.lm_head = nn.Linear(width, vocabulary, bias=False)
        self.transformer.wte.weight = self.lm_head.weight

    def forward(self, idx: Tensor) -> Tensor:
        _, t = idx.size()
        assert t <= self.context
        pos = torch.arange(0, t, dtype=torch.long, device=idx.device)
        x = self.transformer.drop(self.transformer.wte(idx) + self.transformer.wpe(pos))
        for block in self.transformer.h:
            x = block(x)
        return self.lm_head(self.transformer.ln_f(x))


class LSTMClassifier(nn.Module):
    """Embedding, a bidirectional LSTM with zeros to begin from, and the last step."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(30, 12)
        self.lstm = nn.LSTM(12, 16, num_layers=2, batch_first=True, bidirectional=True, dropout=0.2)
        self.fc = nn.Linear(32, 4)

    def forward(self, x: Tensor) -> Tensor:
        out, _ = self.lstm(self.embedding(x))
        return self.fc(out[:, -1, :])


class DoubleConv(nn.Module):
    """Convolution, norm, ReLU, twice."""

    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.double_conv = nn.Sequential(
            nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True),
            nn.Conv2d(o, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return self.double_conv(x)


class Down(nn.Module):
    """Half the size."""

    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), DoubleConv(i, o))

    def forward(self, x: Tensor) -> Tensor:
        return self.maxpool_conv(x)


class Up(nn.Module):
    """Twice the size, beside what came from the other side, padded where sizes are odd."""

    def __init__(self, i: int, o: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(i, i // 2, kernel_size=2, stride=2)
        self.conv = DoubleConv(i, o)

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        x1 = self.up(x1)
        dy, dx = x2.size()[2] - x1.size()[2], x2.size()[3] - x1.size()[3]
        x1 = F.pad(x1, [dx // 2, dx - dx // 2, dy // 2, dy - dy // 2])
        return self.conv(torch.cat([x2, x1], dim=1))


class UNet(nn.Module):
    """Down three times and up again."""

    def __init__(self) -> None:
        super().__init__()
        self.inc = DoubleConv(3, 8)
        self.down1, self.down2 = Down(8, 16), Down(16, 32)
        self.up1, self.up2 = Up(32, 16), Up(16, 8)
        self.outc = nn.Conv2d(8, 2, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        x1 = self.inc(x)
        x2 = self.down1(x1)
        x3 = self.down2(x2)
        return self.outc(self.up2(self.up1(x3, x2), x1))


class Generator(nn.Module):
    """Of a DCGAN: noise to pictures."""

    def __init__(self, nz: int = 20, ngf: int = 8) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(nz, ngf * 4, 4, 1, 0, bias=False), nn.BatchNorm2d(ngf * 4), nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 4, ngf, 4, 2, 1, bias=False), nn.BatchNorm2d(ngf), nn.ReLU(True),
            nn.ConvTranspose2d(ngf, 3, 4, 2, 1, bias=False), nn.Tanh(),
        )  # fmt: skip

    def forward(self, input: Tensor) -> Tensor:
        return self.main(input)


class Discriminator(nn.Module):
    """Of a DCGAN: pictures to one number."""

    def __init__(self, ndf: int = 8) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(3, ndf, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False), nn.BatchNorm2d(ndf * 2), nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 2, 1, 4, 1, 0, bias=False), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, input: Tensor) -> Tensor:
        return self.main(input).view(-1, 1).squeeze(1)


class Encoder(nn.Module):
    """A GRU over a source sentence."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.embedding, self.dropout = nn.Embedding(20, width), nn.Dropout(0.1)
        self.gru = nn.GRU(width, width, batch_first=True)

    def forward(self, input: Tensor) -> tuple[Tensor, Tensor]:
        return self.gru(self.dropout(self.embedding(input)))


class BahdanauAttention(nn.Module):
    """Additive attention of one query over keys."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.Wa, self.Ua, self.Va = nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, 1)

    def forward(self, query: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
        scores = self.Va(torch.tanh(self.Wa(query) + self.Ua(keys)))
        weights = F.softmax(scores.squeeze(2).unsqueeze(1), dim=-1)
        return torch.bmm(weights, keys), weights


class Decoder(nn.Module):
    """One word after another, each with attention, fed with the words that should come."""

    def __init__(self, width: int, length: int) -> None:
        super().__init__()
        self.embedding, self.attention = nn.Embedding(20, width), BahdanauAttention(width)
        self.gru, self.out, self.length = nn.GRU(2 * width, width, batch_first=True), nn.Linear(width, 20), length

    def forward(self, encoded: Tensor, hidden: Tensor, target: Tensor) -> Tensor:
        outputs = []
        for step in range(self.length):
            embedded = self.embedding(target[:, step].unsqueeze(1))
            context, _ = self.attention(hidden.permute(1, 0, 2), encoded)
            output, hidden = self.gru(torch.cat((embedded, context), dim=2), hidden)
            outputs.append(self.out(output))
        return F.log_softmax(torch.cat(outputs, dim=1), dim=-1)


class Translator(nn.Module):
    """GRU encoder and decoder with attention."""

    def __init__(self, width: int = 16, length: int = 3) -> None:
        super().__init__()
        self.encoder, self.decoder = Encoder(width), Decoder(width, length)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        encoded, hidden = self.encoder(source)
        return self.decoder(encoded, hidden, target)


def words(*shape: int) -> Tensor:
    """Numbers of words [shape], from 0 to 9."""
    return torch.arange(torch.Size(shape).numel()).reshape(shape) * 7 % 10


@dataclass(frozen=True)
class Net:
    """How to make a network, and inputs for it."""

    make: Callable[[], nn.Module]
    inputs: Callable[[], list[Tensor]]


NETS = {
    "gpt": Net(GPT, lambda: [words(2, 12)]),
    "lstm": Net(LSTMClassifier, lambda: [words(2, 9)]),
    "unet": Net(UNet, lambda: [torch.rand(1, 3, 48, 48)]),
    "generator": Net(Generator, lambda: [torch.rand(2, 20, 1, 1)]),
    "discriminator": Net(Discriminator, lambda: [torch.rand(2, 3, 16, 16)]),
    "translator": Net(Translator, lambda: [words(2, 7), words(2, 3)]),
}
