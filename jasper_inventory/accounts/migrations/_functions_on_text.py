"""Functions on text, the same on every PostgreSQL: folded and compact keys, and plain text."""

# Letters that have no accent to drop: in lower case, and without their strokes.
_LETTERS = (
    "ÆÐØÞĐĦŁŊŒŦƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƢƤƦƧƩƬƮƱƲƳƵƷƸƼǤǶǷȜȠȢȤȺȻȽȾɁɃɄɅɆɈɊɌɎͰͲͶͿΑΒΓΔΕΖΗΘΙΚΛΜ"
    "ΝΞΟΠΡΣΤΥΦΧΨΩςϏϘϚϜϞϠϢϤϦϨϪϬϮϷϺϽϾϿЂЄЅІЈЉЊЋЏАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰ"
    "ѲѴѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӃӅӇӉӋӍӔӘӠӨӶӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷ"
    "ԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖႠႡႢႣႤႥႦႧႨႩႪႫႬႭႮႯႰႱႲႳႴႵႶႷႸႹႺႻႼႽႾႿჀჁჂჃჄჅჇჍỺỼỾⱠⱢⱣⱤⱧⱩ"
    "ⱫⱭⱮⱯⱰⱲⱵⱾⱿðđøłħŧıŋƀɓƈȼɗƒǥɠɨɉƙƚɵƥɍƭⱦʉⱥɇɏƴƶȥⱡɫȷĸ"
)
_PLAIN = (
    "ædoþdhlnœtbƃƅɔcɖdƌǝəɛfgɣɩikɯɲoƣpʀƨʃtʈʊʋyzʒƹƽgƕƿȝƞȣzacltɂbuʌejɋryͱͳͷϳαβγδεζηθικλμ"
    "νξοπρστυφχψωσϗϙϛϝϟϡϣϥϧϩϫϭϯϸϻͻͼͽђєѕіјљњћџабвгдежзиклмнопрстуфхцчшщъыьэюяѡѣѥѧѩѫѭѯѱ"
    "ѳѵѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӄӆӈӊӌӎӕәӡөӷӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯաբգդեզէ"
    "ըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆⴀⴁⴂⴃⴄⴅⴆⴇⴈⴉⴊⴋⴌⴍⴎⴏⴐⴑⴒⴓⴔⴕⴖⴗⴘⴙⴚⴛⴜⴝⴞⴟⴠⴡⴢⴣⴤⴥⴧⴭỻỽỿllᵽɽⱨⱪ"
    "ⱬɑɱɐɒⱳⱶȿɀddolhtinbbccdfggijkloprttuaeyyzzlljq"
)
# Apostrophes as they are typed, and what stands for one; their normal form would be a space.
_APOSTROPHES = "\u00b4\u02b9\u02ba\u02bb\u02bc\u02bd\u2018\u2019\u201b\u2032"
# Accents, and characters that show nothing.
_DROPPED = (
    r"['`\u00ad\u0300-\u036f\u061c\u180e\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]+"
)
# Punctuation and symbols: between two words.
_SPACES = (
    r"[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u00d7\u00f7\u055a-\u055f\u0589\u058a"
    r"\u05be\u05f3\u05f4\u060c\u061b\u061f\u0964\u0965\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff"
    r"\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u303d]+"
)
_INVISIBLE = (
    r"[\u0001-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e"
    r"\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)

# `normalize` and the collation "C" need neither ICU nor the system's locales. Text in ASCII, which
# most is, takes the short way.
FUNCTIONS = rf"""
CREATE FUNCTION jasper_folded(text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN octet_length($1) = char_length($1) THEN
    btrim(regexp_replace(
        translate(lower($1 COLLATE "C"), '''`', ''), '[^a-z0-9]+', ' ', 'g'
    ))
ELSE
    btrim(regexp_replace(
        replace(replace(replace(replace(
            translate(
                lower(regexp_replace(
                    normalize(translate($1, '{_APOSTROPHES}', ''), NFKD) COLLATE "C",
                    '{_DROPPED.replace("'", "''")}', '', 'g'
                )),
                '{"".join(_LETTERS)}', '{"".join(_PLAIN)}'
            ), 'æ', 'ae'), 'œ', 'oe'), 'ß', 'ss'), 'þ', 'th'),
        '{_SPACES}', ' ', 'g'
    ))
END;

CREATE FUNCTION jasper_compact(text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN replace(jasper_folded($1), ' ', '');

CREATE FUNCTION jasper_is_plain(text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN $1 IS NFC NORMALIZED AND ($1 COLLATE "C") !~ '{_INVISIBLE}';
"""
DROP = """
DROP FUNCTION jasper_is_plain(text);
DROP FUNCTION jasper_compact(text);
DROP FUNCTION jasper_folded(text);
"""
