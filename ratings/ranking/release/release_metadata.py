"""A release described for programs: Croissant 1.0 and RO-Crate 1.1, both JSON-LD.

https://docs.mlcommons.org/croissant/docs/croissant-spec.html and
https://www.researchobject.org/ro-crate/specification/1.1/
"""

import hashlib
import json
import mimetypes
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from ratings.ranking.frozen.cited import authors
from ratings.ranking.release import whole_pictures
from ratings.ranking.release.release_facts import ReleaseFacts, license_address
from ratings.ranking.release.released_pictures import LISTED, PICTURE_COLUMNS

CROISSANT, CRATE = "croissant.json", "ro-crate-metadata.json"
_TYPES = {".parquet": "application/x-parquet", ".jsonl": "application/jsonlines"}
_TYPES |= {".toml": "application/toml", ".md": "text/markdown"}
_TYPES |= {".webp": "image/webp", ".png": "image/png"}
# Whole numbers may be missing in a row, which Croissant's readers take only of decimal ones.
_KINDS = {pa.int64(): "sc:Float", pa.float64(): "sc:Float", pa.bool_(): "sc:Boolean"}
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def write_croissant(facts: ReleaseFacts, directory: Path) -> None:
    """Write croissant.json: the tables in Parquet, and the list of pictures, column by column."""
    tables = [table for table in facts.tables if table.rows]
    sources: dict[str, tuple[str, Mapping[str, str]]] = {
        table.name: (
            table.path("parquet"),
            {field.name: _KINDS.get(field.type, "sc:Text") for field in table.schema},
        )
        for table in tables
    }
    about = {table.name: table.about for table in tables}
    if facts.pictures:
        sources["pictures"] = (LISTED, _kinds(PICTURE_COLUMNS))
        about["pictures"] = "The crops that raters saw"
    if facts.whole_pictures:
        sources[whole_pictures.FOLDER] = (
            whole_pictures.LISTED,
            _kinds(whole_pictures.WHOLE_COLUMNS),
        )
        about[whole_pictures.FOLDER] = "Whole originals, and what methods made of them"
    document = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        **_about(facts),
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "citeAs": facts.citation,
        "version": f"{facts.release.number}.0.0",
        "distribution": [
            _file_object(name, path, directory) for name, (path, _) in sources.items()
        ],
        "recordSet": [
            _record_set(name, about[name], columns) for name, (_, columns) in sources.items()
        ],
    }
    _write(document, directory / CROISSANT)


def write_crate(facts: ReleaseFacts, directory: Path) -> None:
    """Write ro-crate-metadata.json: the release and each of its files."""
    paths = sorted(path for path in directory.rglob("*") if path.is_file())
    files = [_crate_file(path, directory) for path in paths]
    license = license_address(facts.release.license)
    named = {"@id": license, "@type": "CreativeWork", "name": facts.release.license}
    organizers = {"@id": "#organizers", **_organizers(facts)}
    root = {
        "@id": "./",
        "@type": "Dataset",
        **_about(facts),
        "creator": {"@id": organizers["@id"]},
        "license": {"@id": license},
        "version": str(facts.release.number),
        "hasPart": [{"@id": file["@id"]} for file in files],
    }
    descriptor = {
        "@id": CRATE,
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }
    document = {
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [descriptor, root, named, organizers, *files],
    }
    _write(document, directory / CRATE)


def _kinds(columns: Mapping[str, type]) -> dict[str, str]:
    return {name: "sc:Integer" if kind is int else "sc:Text" for name, kind in columns.items()}


def _about(facts: ReleaseFacts) -> dict[str, Any]:
    """Return what both say of the whole."""
    doi = facts.challenge.doi
    return {
        "name": facts.title,
        "description": f"{facts.challenge.summary} {facts.study.question}".strip(),
        "license": license_address(facts.release.license),
        "datePublished": facts.day,
        "creator": _organizers(facts),
        **({"identifier": f"https://doi.org/{doi}"} if doi else {}),
    }


def _organizers(facts: ReleaseFacts) -> dict[str, str]:
    return {"@type": "Organization", "name": ", ".join(authors(facts.challenge))}


def _file_object(name: str, path: str, directory: Path) -> dict[str, Any]:
    file = directory / path
    return {
        "@type": "cr:FileObject",
        "@id": f"{name}-file",
        "name": f"{name}-file",
        "contentUrl": path,
        "contentSize": f"{file.stat().st_size} B",
        "encodingFormat": _TYPES[file.suffix],
        "sha256": _digest(file),
    }


def _record_set(name: str, about: str, columns: Mapping[str, str]) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": about,
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{column}",
                "name": f"{name}/{column}",
                "dataType": kind,
                "source": {
                    "fileObject": {"@id": f"{name}-file"},
                    "extract": {"column": column},
                },
            }
            for column, kind in columns.items()
        ],
    }


def _crate_file(path: Path, directory: Path) -> dict[str, Any]:
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "text/plain"
    return {
        "@id": path.relative_to(directory).as_posix(),
        "@type": "File",
        "name": path.relative_to(directory).as_posix(),
        "contentSize": str(path.stat().st_size),
        "encodingFormat": kind,
        "sha256": _digest(path),
    }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(document: Mapping[str, Any] | Iterable[Any], path: Path) -> None:
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", "utf-8", newline="")
