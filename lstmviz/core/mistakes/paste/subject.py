"""Whether a text is about a recurrent network, about something else, or does not tell."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

_RECURRENT: Final = re.compile(
    r"lstm|(?<![a-z])gru(?![a-z])|grucell|(?<![a-z])rnn|(?-i:RNN)|recurrent|seq2seq|(?<![a-z])bptt"
    r"|\bhx\b|\bcx\b|\bh_?[0nt]\b|\bc_?[0nt]\b|hidden\[?[01]?\]? (?:size|batch)|hidden_size"
    r"|input_size|proj_size|packed|pack_|batch_sizes|pad_sequence|pad_packed|enforce_sorted"
    r"|\blengths\b|all samples has to|total_length|weight_[ih]h|bias_[ih]h|_flat_weights"
    r"|\b(?:h, ?c|hidden, ?cell)\b|initial_[hc]\b",
    re.IGNORECASE,
)
_OTHER: Final = re.compile(
    r"res_?net|conv_?[23]d|\bvgg|u_?net\b|\bvit\b|vit\.py|bert\b|transformer|\bgpt|llama|(?<![a-z])gan"
    r"(?![a-z])|[a-z]gan\b|discriminator|errG|errD|\bvae\b|mnist|cifar|imagenet|\bimages?\b|\bimg"
    r"|pixel|torchvision|torch_geometric|\bgcn|\bcnn\b|cnn\.py|\bmlp\b|mlp\.py|diffusion|keras"
    r"|tensorflow|\bjax\b|flax|pandas|sklearn|\bpip\b|positional?_(?:embeddings?|encoding)|yolo"
    r"|detectron|efficientnet|densenet|mobilenet|\bmask_?rcnn|\bcats?\.py",
    re.IGNORECASE,
)
_NETWORK: Final = re.compile(
    r"torch|tensor|\bh\.(?:size|shape|dim|to|data)\b|\bnn\.|backward|mat1|\bcuda|cudnn|cublas"
    r"|squeeze|detach|contiguous|permute|state_dict|criterion|\bloss|hidden|\bout(?:puts?)?\b"
    r"|\[:, ?-1|\bmodel\b|\bforward\b|embed|encoder|decoder|\bepoch|\bbatch|attention|attn"
    r"|softmax|collate|onnx|requires[_ ]grad|in-?place operation|for input of size|non-singleton"
    r"|for dimension \d",
    re.IGNORECASE,
)


class Subject(Enum):
    """What a text is about."""

    RECURRENT = "recurrent"
    """It names a recurrent module, its state, its parameters or its packing."""
    OPEN = "open"
    """A network, and nothing tells of which kind; or a message without its calls."""
    OTHER = "other"
    """Another kind of network, another library, or no network at all."""


def subject_of(text: str, *, has_frames: bool) -> Subject:
    """Tell what `text` is about, by the names in it.

    Parameters
    ----------
    text : str
    has_frames : bool
        Whether it shows the calls that led to an error; those of a network show it.
    """
    if _RECURRENT.search(text):
        return Subject.RECURRENT
    if _OTHER.search(text) or (has_frames and not _NETWORK.search(text)):
        return Subject.OTHER
    return Subject.OPEN
