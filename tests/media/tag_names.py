"""What each thing is called in each tag format, written down for the tests alone."""

import re

HOLDERS = {"mp3": "id3", "wav": "id3", "aiff": "id3", "m4a": "mp4", "alac": "mp4", "ogg": "vorbis", "opus": "vorbis", "flac": "vorbis", "wma": "asf"}
# By the report's name: the tag's name in ID3v2, Vorbis comments, iTunes and ASF; a custom one where there is none.
NAMES = {
    "title": ("TIT2", "TITLE", "©nam", "Title"), "artist": ("TPE1", "ARTIST", "©ART", "Author"), "album": ("TALB", "ALBUM", "©alb", "WM/AlbumTitle"),
    "album_artist": ("TPE2", "ALBUMARTIST", "aART", "WM/AlbumArtist"), "composer": ("TCOM", "COMPOSER", "©wrt", "WM/Composer"),
    "genre": ("TCON", "GENRE", "©gen", "WM/Genre"), "date": ("TDRC", "DATE", "©day", "WM/Year"),
    "originaldate": ("TDOR", "ORIGINALDATE", None, "WM/OriginalReleaseTime"), "track": ("TRCK", "TRACKNUMBER", "trkn", "WM/TrackNumber"),
    "disc": ("TPOS", "DISCNUMBER", "disk", "WM/PartOfSet"), "comment": ("COMM", "COMMENT", "©cmt", "Description"), "description": (None, "DESCRIPTION", "desc", None),
    "synopsis": (None, "SYNOPSIS", "ldes", None), "copyright": ("TCOP", "COPYRIGHT", "cprt", "Copyright"), "publisher": ("TPUB", "PUBLISHER", None, "WM/Publisher"),
    "language": ("TLAN", "LANGUAGE", None, "WM/Language"), "conductor": ("TPE3", "CONDUCTOR", None, "WM/Conductor"), "lyrics": ("USLT", "LYRICS", "©lyr", "WM/Lyrics"),
    "grouping": ("TIT1", "GROUPING", "©grp", "WM/ContentGroupDescription"), "compilation": ("TCMP", "COMPILATION", "cpil", "WM/IsCompilation"),
    "bpm": ("TBPM", "BPM", "tmpo", "WM/BeatsPerMinute"), "isrc": ("TSRC", "ISRC", None, "WM/ISRC"), "initialkey": ("TKEY", "INITIALKEY", None, "WM/InitialKey"),
    "website": ("WOAR", "WEBSITE", None, "WM/AuthorURL"), "URL": ("WXXX", "URL", None, None), "show": (None, "SHOW", "tvsh", None),
    "title-sort": ("TSOT", "TITLESORT", "sonm", "WM/TitleSortOrder"), "artist-sort": ("TSOP", "ARTISTSORT", "soar", "WM/ArtistSortOrder"),
    "keywords": (None, "KEYWORDS", "keyw", None), "producer": (None, "PRODUCER", None, "WM/Producer"), "mixer": (None, "MIXER", None, "WM/Mixer"),
    "barcode": (None, "BARCODE", None, "WM/Barcode"), "ARTISTS": (None, "ARTISTS", None, "WM/ARTISTS"),
    "MUSICBRAINZ_TRACKID": ("UFID:http://musicbrainz.org", "MUSICBRAINZ_TRACKID", "----:MusicBrainz Track Id", "MusicBrainz/Track Id"),
    **{f"MUSICBRAINZ_{name.replace(' ', '').upper()}": (f"TXXX:MusicBrainz {name}", f"MUSICBRAINZ_{name.replace(' ', '').upper()}",
                                                        f"----:MusicBrainz {name}", f"MusicBrainz/{name}")
       for name in ("Album Id", "Artist Id", "Release Track Id")},
}
FRAME = re.compile("[TW][A-Z0-9]{3}")


def own_name(name, holder):
    row = NAMES.get(name, (None,) * 4)
    known = row[("id3", "vorbis", "mp4", "asf").index(holder)]
    custom = row[1] or name
    if known is None and holder == "id3":
        known = name if FRAME.fullmatch(name) and name != "TXXX" else f"TXXX:{custom}"
    if known is None and holder == "mp4":
        known = f"----:{custom}"
    return (known or custom).replace("----:", "----:com.apple.iTunes:").lower()
