"""Short forms of given names: Саша is Александр or Александра, Bill is William.

To add one: a word in its line; the first words of a line are the full forms, in the spellings of several languages.
A short form may stand in several lines.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from crmtool.core.comparators import names

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SAME = """
александр олександр alexander alexandre alejandro alessandro саша саня шура шурик сашко олесь лесь alex sandy sasha
александра олександра alexandra alessandra саша шура леся alex sandra sasha lexi
алексей олексій alexey alexis леша лёша алеша алёша льоша олекса
анатолий анатолій anatoly толя толик
андрей андрій andrew andreas andré andré андрюша andy drew
анна ганна anna anne hannah аня анюта нюра ганя annie ann nan nancy
анастасия анастасія anastasia настя ася stacy nastya
антон антін anthony antonio тоша антоша tony
борис boris боря
вадим vadim вадик
валентин valentin валя
валентина valentina валя
валерий валерій valery валера
валерия валерія valeria лера valerie
василий василь basil вася васыль
вера віра vera faith
виктор віктор victor витя вітя vic
виктория вікторія victoria вика віка vicky tori
виталий віталій vitaly виталик віталик
владимир володимир vladimir volodymyr вова володя вовка vova
владислав vladislav влад vlad
вячеслав в'ячеслав vyacheslav слава
геннадий геннадій gennady гена
георгий георгій george жора гоша юра егор georg jorge
григорий григорій gregory гриша грицько greg
дарья дарія daria даша dasha
денис denis dennis ден denny
дмитрий дмитро dmitry дима митя діма dima
евгений євген eugene женя gene
евгения євгенія eugenia женя
екатерина катерина catherine katherine kathryn катя катерина кэт kate katie kathy cathy kitty kay cat
елена олена helen elena лена ellen nell olena
елизавета єлизавета elizabeth elisabeth лиза ліза betty beth liz lizzie eliza elsie libby bess bessie lisa betsy liza
иван іван john ivan ваня jack johnny jon johann juan giovanni ian jan
игорь ігор igor гоша
илья ілля elijah ilya eli
ирина ірина irene ира іра irina
константин костянтин constantine костя
ксения ксенія xenia оксана ксюша
лариса larisa лара
леонид леонід leonid лёня леня льоня leo
любовь любов lyubov люба
людмила liudmyla люда люся мила
маргарита margaret margarita рита peggy maggie meg madge daisy greta margie marge rita
мария марія mary maria maria маша маруся mae molly polly marie mia may masha
михаил михайло michael миша мишко mike mick mickey miguel misha
надежда надія nadezhda надя hope nadia
наталья наталія natalia наташа ната natalie natasha
николай микола nicholas коля nick mykola микола nico klaus
олег oleg олежка
ольга olga оля olya
павел павло paul паша pablo paolo
пётр петр петро peter петя pete pedro
роман roman рома
светлана світлана svetlana света світлана
семён семен simon сема
сергей сергій serge sergius серёжа сережа серж serhii
софия софія sophia соня софья sofia sophie
станислав stanislav стас стасик слава
степан stephen стёпа степа
тамара tamara тома
татьяна тетяна tatiana таня tanya
фёдор федор федір theodore федя theo ted teddy
юлия юлія julia юля julie julian
юрий юрій yuri юра
яков яків jacob james яша jake
ярослав yaroslav ярик слава
abigail abby gail
albert al bert bertie
alfred alf fred alfie freddy
amanda mandy
arthur art artie
barbara barb babs bobbie
benjamin ben benny
bernard bernie barney bert
bertram herbert robert hubert gilbert bert bertie
caroline carolyn carrie carol lina
cecilia cissy cecily
charles charlie chuck carl karl carlos chas
charlotte lottie charlie
christina christine chris tina chrissie
christopher chris kit topher
cornelius con neil
cynthia cindy
daniel dan danny
david dave davy
deborah debbie deb
donald don donny
dorothy dot dolly dottie dora
edmund edward edwin ed eddie ned ted teddy eddy
eleanor ellen nell nellie ella nora lenore
emily emma em emmy millie
florence flo flora flossie
frances fanny fran frankie
francis frank francisco franz fran frankie
frederick friedrich fred freddie fritz
gabriel gabe
gerald gerard gerry jerry
gertrude gertie trudy
harold harry hal
harriet hattie harry
henry heinrich harry hal hank enrique
herbert herb bert herbie
horace horry
hugh hugo hughie
isaac ike
isabella isabel bella izzy belle
jacqueline jackie
james jim jimmy jamie
jane janet jean jenny joan janie
jeffrey geoffrey jeff geoff
jennifer jen jenny jenn
jeremiah jeremy jerry
jessica jess jessie
john johnny jack jock hans sean ian evan
jonathan jon jonny nathan
joseph joe joey jo josé josef giuseppe
joshua josh
judith judy
kenneth ken kenny
laurence lawrence larry laurie
leonard leo len lenny
lewis louis lou louie luis
lucy lucia lulu lucille
martha marty patty
martin marty
matilda mattie tilly maud
matthew matt
mildred millie
mohammed muhammad mohamed ahmed mo
nathaniel nathan nat nate
oliver ollie
oscar ossie
patricia pat patty tricia trish
patrick pat paddy
percival percy
philip phillip phil pip
rachel rae
raymond ray
rebecca becky
reginald reg reggie rex
richard rick dick rich ricky dickie ricardo
robert rob bob bobby robbie roberto bert
roger rodger hodge
ronald ron ronnie
rosemary rose rosa rosie
samantha sam sammie
samuel sam sammy
sarah sally sadie sara
sebastian seb bastian
stanley stan
stephen steven steve stefan esteban etienne
susan susanna sue susie suzanne
sylvester sylvia syl
terence terry
theresa tess terry tessa
thomas tom tommy tomas
timothy tim timmy
vincent vince vinny
virginia ginny
walter walt wally wat
wilfred wilf fred
wilhelmina mina minnie billie
william will bill billy willy liam wilhelm guillermo
winifred winnie freda
zachary zach zack
"""


_MOST = 6  # lines in which one word stands


def forms(keys: pl.Series) -> NDArray[np.int64]:
    """Return for keys of given names (`names.match_key`) the numbers of the names each is a form of.

    A row for each key, -1 where there are fewer names; two keys that have a number in common may be one name.
    """
    table = pl.DataFrame({"key": keys}).join(_table(), on="key", how="left", maintain_order="left")
    columns = [table["lines"].list.get(place, null_on_oob=True).fill_null(-1) for place in range(_MOST)]
    return np.column_stack([column.to_numpy() for column in columns])


@cache
def _table() -> pl.DataFrame:
    """Return each word's key and the lines it stands in (columns key, lines)."""
    lines = pl.DataFrame({"word": _SAME.strip().splitlines()}).with_columns(line=pl.int_range(pl.len(), dtype=pl.Int64))
    words = lines.with_columns(pl.col("word").str.split(" ")).explode("word")
    keyed = words.select("line", key=names.match_key(words["word"]))
    return keyed.group_by("key").agg(lines=pl.col("line").unique().sort())
