"""Given names in Russian, Ukrainian and English, and words around names: data for splitting a whole name.

Lower case, ё written as е. To add a name: in its list; one that men and women bear: in `UNISEX` only. A name that is as
often a family name is better left out: without it the other signs decide. Source: common knowledge of the languages.
"""

from __future__ import annotations

_MALE_RU = """
абрам адам азат айдар алан александр алексей али альберт альфред анатолий андрей антон аркадий армен арсен арсений
артем артемий артур архип аслан ахмед ашот богдан борис вадим валентин валерий варлам василий вениамин виктор
виталий владимир владислав владлен всеволод вячеслав гавриил геннадий генрих георгий герман глеб григорий давид
дамир даниил данил данила демид демьян денис дмитрий евгений егор ефим жан захар зиновий иван игнат игнатий игорь
икрам илларион ильдар ильнур илья ильяс иннокентий иосиф ираклий исаак камиль карен карим ким кирилл клим кондрат
константин кузьма лаврентий лазарь лев леонид леонтий лука любомир магомед макар максим марат марк мартин матвей
мирон мирослав митрофан михаил мурат мустафа назар никита никифор никодим николай олег осип оскар остап павел петр
платон потап прохор равиль радик рамазан рамиль расул рафаэль ренат ринат роберт родион роман ростислав рубен руслан
рустам савва савелий самуил святослав севастьян семен сергей соломон спартак станислав степан султан тагир тарас
тигран тимофей тимур тихон трофим федор феликс филипп фома харитон цезарь шамиль эдгар эдуард эльдар эмиль эмин
эраст эрик эрнест юлиан юлий юрий яков ян янис ярослав
"""
_FEMALE_RU = """
аглая агния аделина аида айгуль аксинья алевтина александрина алена алина алиса алия алла альбина амалия амина
анастасия ангелина анжела анжелика анна антонина анфиса ариадна арина ася белла богдана валентина валерия ванда
варвара василиса вера вероника виктория виолетта виталина влада владислава галина гузель гульнара дарина дарья диана
дина динара доминика ева евгения евдокия екатерина елена елизавета есения жанна зарина зинаида злата зоя зульфия
изабелла инга инесса инна ираида ирина ирма камилла капитолина карина каролина кира клавдия клара кристина ксения
лада лариса лейла леся лиана лидия лика лилия лина лия лолита луиза любовь людмила майя малика маргарита марианна
марина мария марта марфа мила милана милена мира мирослава надежда наина наталия наталья нелли ника нина нинель
нонна оксана олеся ольга патимат пелагея полина прасковья раиса регина рената римма роза роксана руслана сабина
светлана серафима снежана софия софья стелла сусанна таисия тамара татьяна ульяна фаина фатима флора фрида эвелина
элеонора элина элла эльвира эльза эльмира эмилия эмма юлиана юлия яна янина ярослава
"""
_MALE_UK = """
адріан анатолій андрій аркадій арсен арсеній артем артур богдан богуслав болеслав борис в'ячеслав вадим валентин
валерій василь владислав володимир всеволод вікентій віктор віталій гаврило геннадій георгій герман гліб гнат гордій
григорій данилко данило дем'ян демид денис дмитро добромир едуард ернест захар зеновій зіновій йосип йосиф кирило
климентій корній костянтин кузьма кіндрат лаврентій лев левко леонтій леонід лук'ян лукаш любомир людвиг макар
максим мар'ян марко маркіян матвій микита микола мирон мирослав митрофан михайлик михайло назар назарій нестор
никифор овсій олег олександр олексій олелько омелян онисим онуфрій опанас орест остап павло панас пантелеймон петро
пилип платон прокіп прохор радим радомир роман ростислав руслан савелій самійло святослав севастян семен сергій
сидір соломон станіслав степан стефан тадей тарас терентій тимофій тимур тихін трохим устим федір феодосій филимон
хома юліан юрій юхим яким яків ярема яромир ярополк ярослав євген євгеній євстахій єгор ємельян іван ігнат ігор ілля
інокентій
"""
_FEMALE_UK = """
агата адріана алла альбіна аліна аліса анастасія ангеліна анжела анжеліка анна антоніна аріна богдана божена
валентина валерія варвара василина вероніка влада владислава вікторія віолетта віра віта віталіна галина ганна
дарина даря дарія дзвенислава домініка діана елеонора ельвіра еліна емма емілія жанна злата зоряна зоя зінаїда
калина каріна катерина клавдія крістіна ксенія кіра лада лариса леся любов людмила лідія лілія ліна майя мар'яна
маргарита марина марта марія мелана мирослава мілана надія наталка наталя наталія неллі неля нонна ніна оксана
олександрина олена олеся ольга орина орися параска поліна раїса регіна римма роксолана руслана світлана севіль
серафима сніжана соломія софія стефанида стефанія сюзанна тамара таїсія тетяна уляна устина фаїна феодосія христина
юліана юлія юстина ядвіга яна яніна ярина ярослава єва євгенія євдокія єлизавета іванна інга інеса інна іраїда ірина
"""
_MALE_EN = """
aaron abraham adam adrian alan albert aleksandr aleksei alex alexander alexei alexey alfred allan allen anatoly
andre andreas andrei andrew andrey andrii anthony anton antonio arkady arnold artem arthur barry ben benjamin
bernard bill bob bohdan boris brad brandon brian bruce bruno calvin carl carlos charles charlie chris christian
christopher clarence claude clifford colin craig daniel dave david dennis derek diego dmitri dmitriy dmitry dmytro
dominic don donald doug douglas duncan dustin dwayne earl edgar edmund eduardo edward edwin elliot eric ernest ethan
eugene evgeny fedor felix fernando francis francisco frank franklin fred frederick fyodor gabriel gareth gary gavin
gennady geoffrey george gerald gerard gilbert giovanni glenn graham greg gregory grigory guillermo gustav hans
harold harry harvey hector henry herbert howard hugh hugo ian igor ihor ilya isaac ivan jack jacob james jason jeff
jeffrey jeremy jerome jerry jesse jesus jim joachim joe joel johan johann john johnny jon jonathan jorge jose joseph
joshua juan julian julio justin karl keith kenneth kevin kirill klaus konstantin kurt lance larry lars lawrence leo
leon leonard leonid leroy lev liam lou louis lucas luis luke maksim maksym manuel marc marco marcus mario mark
markus marshall martin mathew matt matthew maurice max maxim michael michel miguel mike mikhail mitchell mohamed
mohammed mykhailo mykola nathan nathaniel neil nicholas nick nicolas nigel nikita nikolai nikolay noah norman oleg
oleh oleksandr oleksii oliver omar oscar otto owen pablo patrick paul pavel pavlo pedro peter petr petro philip
phillip pierre rafael ralph ramon raymond rene ricardo richard rick robert roberto rodney roger roland roman ron
ronald ross roy rudolf ruslan russell ryan samuel scott sean sebastian semyon sergei sergey serhii seth shane simon
stanislav stanley stefan stepan stephen steve steven stuart taras ted terence theodore thomas tim timothy timur
tobias todd tom tony travis trevor tyler vadim vadym valentin valery vasily vasyl vernon victor viktor vincent
vitalii vitaly vladimir vladislav volodymyr vyacheslav wallace walter warren wayne wesley wilfred william yakov
yaroslav yegor yevgeny yevhen yuri yurii yuriy zachary
"""
_FEMALE_EN = """
abigail ada adele agnes alexandra alice alicia alina alison alla allison amanda amber amelia amy ana anastasia
andrea angela angelina anita ann anna anne annette annie april audrey barbara beatrice belinda bernice beth betty
beverly bonnie brenda bridget camille carla carmen carol carole caroline carolyn cassandra catherine cathy cecilia
charlotte cheryl christina christine cindy claire clara claudia colleen connie constance cynthia daisy danielle
daria deborah debra denise diana diane dolores donna doris dorothy edith eileen ekaterina elaine eleanor elena
elisabeth elizabeth ella ellen elsa emily emma erica erin estelle esther ethel eva evelyn florence frances gabriela
gail galina georgia geraldine gertrude gina gladys glenda gloria grace greta halyna hanna hannah harriet hazel
heather heidi helen helena hilda holly ida inga ingrid inna irene irina iris iryna isabel isabella jacqueline jane
janet janice jean jeanne jennifer jenny jessica jill joan joanna joanne josephine joyce juanita judith judy julia
julie karen katarina kate kateryna katherine kathleen kathryn kathy katie katrina kristin kseniia larisa laura
lauren laurie lena leticia lidia lillian linda lisa liudmyla lois lorraine louise lucia lucille lucy ludmila lydia
lyubov lyudmila mabel madeline marcia margaret margarita maria marianne marie mariia marilyn marina marion mariya
marjorie marlene marta martha mary maryna maureen megan melanie melissa mercedes michelle mildred minnie miriam
molly monica monique nadezhda nadia nadiia nancy naomi natalia natalie nataliya natalya nicole nina nora norma
oksana olena olga olivia pamela patricia paula pauline peggy penelope phyllis polina priscilla rachel raisa rebecca
regina renee rita roberta rosa rose rosemary ruby ruth sabrina sally samantha sandra sara sarah sharon sheila sherry
shirley silvia sofia sofiia sonia sophia sophie stella stephanie susan suzanne svetlana svitlana sylvia taisiya
tamara tanya tara tatiana tatyana teresa tetiana tetyana theresa tiffany tina ulyana ursula valentina valeria
valerie vanessa vera veronica victoria vilma viola violet virginia vivian wanda wendy wilma yana yekaterina yelena
yolanda yulia yuliia yuliya yvette yvonne zinaida zoe zoya
"""
_UNISEX = """
alexis angel ariel bailey blake casey chris dana jamie jess jordan kelly kim kyle lee lesley leslie lynn morgan pat
robin sam sasha shannon shawn sidney stacy sydney terry tracy ася валя женя мика ніка паша саша сашко слава тоня
шура
"""
#: Patronymics that do not follow from a name by the rules in `name_words`.
_PATRONYMICS = """
гаврилович григорович григорьевич данилович ильич кузьмич лукич львович микитич миколайович михайлович никитич
павлович петрович саввич савич фомич хомич юрьевич якович яковлевич ілліч іліч
"""

_TITLES = """
dr prof professor king queen mr mrs ms miss mx sir dame madam lady lord rev reverend hon judge sgt lt capt col gen
господин госпожа г-н г-жа гн гжа пан пані панна добродій добродійка д-р др доктор проф профессор професор академик
академік
"""
_SUFFIXES = "jr sr ii iii iv md mba qc kc mp phd ph.d esq esquire junior senior мл ст младший старший молодший"
_PARTICLES = """
von van der den de del della di da do dos das du la le el al bin ibn ter zu zur st
фон ван дер ден де дель делла ди да дю ла ле эль аль бин ибн бен
"""
_JOINING = "and or of и или та і й або"
_SON_OF = "оглы оглу огли угли улы уулу ogly oglu oglı ugli uly uulu"
_DAUGHTER_OF = "кызы кизи гызы qizi qızı kyzy kizi gyzy"

UNISEX = frozenset(_UNISEX.split())
MALE = frozenset(f"{_MALE_RU} {_MALE_UK} {_MALE_EN}".split()) - UNISEX
FEMALE = frozenset(f"{_FEMALE_RU} {_FEMALE_UK} {_FEMALE_EN}".split()) - UNISEX
IRREGULAR_PATRONYMICS = frozenset(_PATRONYMICS.split())
TITLES = frozenset(_TITLES.split())  # before a name
SUFFIXES = frozenset(_SUFFIXES.split())  # behind a name
PARTICLES = frozenset(_PARTICLES.split())  # at the beginning of a family name
JOINING = frozenset(_JOINING.split())  # between two names; only in small letters, as И and I are initials too
SON_OF = frozenset(_SON_OF.split())  # behind a father's name
DAUGHTER_OF = frozenset(_DAUGHTER_OF.split())
