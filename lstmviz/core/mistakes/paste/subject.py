"""Whether a text is about a recurrent network, about something else, or does not tell."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

_RECURRENT: Final = re.compile(
    r"lstm|(?<![a-z])gru(?![a-z])|grucell|(?<![a-z])rnn|(?-i:RNN)|recurrent|seq2seq|(?<![a-z])bptt"
    r"|\bhx\b|\bcx\b|\bh_?[0nt]\b|\bc_?[0nt]\b|hidden\[?[01]?\]? (?:size|batch)|proj_size"
    r"|packedsequence|pack_padded|pack_sequence|packed_(?:seq|in|out)|pad_packed|batch_sizes"
    r"|enforce_sorted|all samples has to|total_length|weight_[ih]h|bias_[ih]h|_flat_weights"
    r"|\b(?:h, ?c|hidden, ?cell)\b|initial_[hc]\b",
    re.IGNORECASE,
)
"""Names that only recurrent modules have."""
_SHARED: Final = re.compile(
    r"hidden_size|input_size|\bpacked|pad_sequence|\blengths\b|bidirectional", re.IGNORECASE
)
"""Names that others have too, the layers and tokenizers of transformers for instance."""
_OTHER: Final = re.compile(
    r"res_?net|conv_?[23]d|\bvgg|u_?net\b|\bvit\b|vit\.py|bert\b|transformer|\bgpt|llama|whisper"
    r"|(?<![a-z])gan(?![a-z])|[a-z]gan\b|discriminator|errG|errD|\bvae\b|mnist|cifar|imagenet"
    r"|\bimages?\b|\bimg|pixel|torchvision|\btimm\b|torch_geometric|edge_index|\bg[cn]n\b|\bcnn\b"
    r"|cnn\.py|\bmlp\b|mlp\.py|diffus|keras|tensorflow|\bjax\b|flax|pandas|sklearn|\bpip\b"
    r"|positional?_(?:embeddings?|encoding)|tokenizer|input_ids|attention_mask|yolo|detectron"
    r"|\bbbox|\bboxes\b|\bcoco\b|efficientnet|densenet|mobilenet|\bmask_?rcnn|\bcats?\.py"
    r"|\bgym(?:nasium)?\b|\benv\.(?:reset|step)|\bdqn\b|\bagent\b",
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
    if _OTHER.search(text):
        return Subject.OTHER
    if _SHARED.search(text):
        return Subject.RECURRENT
    return Subject.OTHER if has_frames and not _NETWORK.search(text) else Subject.OPEN
