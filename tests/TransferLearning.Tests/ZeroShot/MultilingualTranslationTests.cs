using TransferLearning.Tests.Support;
using TransferLearning.ZeroShot;
using static TorchSharp.torch;

namespace TransferLearning.Tests.ZeroShot;

/// <summary>One network that translates between languages, seen together or not.</summary>
public sealed class MultilingualTranslationTests : IDisposable
{
    private static readonly MultilingualTranslation Tiny = new()
    {
        Width = 16,
        Heads = 2,
        Layers = 1,
        Epochs = 2,
        BatchSize = 8,
    };

    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void TokenCrossEntropy_OfTwoRows_IsTheMeanOverTheirTokens()
    {
        var scores = log(tensor(new[] { 0.5, 0.25, 0.25, 0.1, 0.2, 0.7, 0.6, 0.3, 0.1, 0.2, 0.2, 0.6 })).view(2, 2, 3);
        var tokens = tensor(new[] { 1L, 2, 1, 0 }).view(2, 2); // the last place is padding

        var plain = TokenCrossEntropy.Of(scores, tokens, padding: 0).item<double>();
        var smooth = TokenCrossEntropy.Of(scores, tokens, padding: 0, smoothing: 0.3).item<double>();

        Assert.Equal(-(Math.Log(0.25) + Math.Log(0.7) + Math.Log(0.3)) / 3, plain, 1e-12);
        double Mean(params double[] of) => -of.Average(Math.Log);
        var all = (Mean(0.5, 0.25, 0.25) + Mean(0.1, 0.2, 0.7) + Mean(0.6, 0.3, 0.1)) / 3;
        Assert.Equal((0.7 * plain) + (0.3 * all), smooth, 1e-12);
    }

    [Fact]
    public void TokenCrossEntropy_OfPadding_CountsForNothing()
    {
        var scores = Random(1, 3, 4, 5).requires_grad_();
        var tokens = tensor(new[] { 1L, 2, 3, 0, 4, 1, 0, 0, 2, 2, 2, 2 }).view(3, 4);
        var longer = cat([scores, Random(2, 3, 2, 5)], 1);
        var value = TokenCrossEntropy.Of(scores, tokens, 0, 0.1);

        var padded = TokenCrossEntropy.Of(longer, cat([tokens, zeros(3, 2, dtype: int64)], 1), 0, 0.1);

        Assert.Equal(value.item<double>(), padded.item<double>(), 1e-12);
        var slope = autograd.grad([value], [scores])[0];
        Assert.True(slope.masked_select(tokens.eq(0).unsqueeze(2)).eq(0).all().item<bool>());
        Assert.True(slope.masked_select(tokens.ne(0).unsqueeze(2)).ne(0).all().item<bool>());
        Assert.Equal(0, TokenCrossEntropy.Of(scores, zeros(3, 4, dtype: int64), 0).item<double>());
    }

    [Fact]
    public void TranslationScore_OfTwoSentences_IsWhatItsFormulasSay()
    {
        var score = TranslationScore.Of(["a b c d e", "x  y"], ["a b c d f", "x y z"]);

        Assert.Equal((0, 2), (score.Exact, score.Count));
        Assert.Equal(6.0 / 8, score.TokenAccuracy, 1e-12);
        // Runs of one to four tokens, and 7 tokens where the references have 8.
        var runs = Math.Pow(6.0 / 7 * (4.0 / 5) * (2.0 / 3) * (1.0 / 2), 0.25);
        Assert.Equal(runs * Math.Exp(1 - (8.0 / 7)), score.Bleu, 1e-12);
        var same = TranslationScore.Of(["a b", "c"], ["a  b", "c"]);
        Assert.Equal((1, 1, 1), (same.Exact, same.TokenAccuracy, same.Bleu));
        Assert.InRange(same.Lower, 0.3, 0.4);
        // A run counts as often as the reference has it.
        Assert.Equal(Math.Pow(0.2, 0.25), TranslationScore.Of(["a b c d a"], ["a b c d"]).Bleu, 1e-12);
        Assert.Equal(0, TranslationScore.Of(["a a a"], ["a"]).Bleu); // no run of two is right
        Assert.Equal(0, TranslationScore.Of([""], ["a"]).Bleu);
    }

    [Fact]
    public void MadeLanguages_OfAMeaning_SayItEachInTheirWay()
    {
        // Noun 4, one, without quality; noun 5, many, of quality 2; verb 3, in the past.
        var phrase = (4 * 7) * 2;
        var other = ((((5 * 7) + 3) * 2) + 1);
        var meaning = (((((phrase * 168) + other) * 8) + 3) * 2) + 1;

        Assert.Equal("en4 ev3 -ed eq2 en5 -s", MadeLanguages.Say("E", meaning));
        Assert.Equal("jn4 ga jq2 jn5 -tachi o jv3 -ta", MadeLanguages.Say("J", meaning));
        Assert.Equal("pa- kv3 -on kn4 pe mi- kn5 kq2 -mi", MadeLanguages.Say("K", meaning));
        var drawn = MadeLanguages.Draw(3000, new RandomKey(1));
        foreach (var language in new[] { "E", "J", "K" })
        {
            Assert.Equal(3000, drawn.Select(it => MadeLanguages.Say(language, it)).Distinct().Count());
        }
    }

    [Fact]
    public void Loss_OfSentencesOfManyLengths_IsThatOfEachByItself()
    {
        using var model = Tiny.Fit(Directions(60), FitContext.Seeded(1));
        var pairs = MadeLanguages.Pairs("J", "K", MadeLanguages.Draw(60, new RandomKey(1)));

        var together = model.Loss(pairs);

        var (sum, count) = (0.0, 0);
        for (var i = 0; i < pairs.Sources.Count; i++)
        {
            var tokens = pairs.Targets[i].Split(' ').Length + 1;
            sum += tokens * model.Loss(new TranslationPairs("J", "K", [pairs.Sources[i]], [pairs.Targets[i]]));
            count += tokens;
        }
        Assert.Equal(sum / count, together, 1e-5);
        Assert.True(pairs.Sources.Select(it => it.Length).Distinct().Count() > 3);
    }

    [Fact]
    public void Scores_OfAPlace_DependOnNeitherPaddingNorWhatComesBehind()
    {
        using var model = Tiny.Fit(Directions(60), FitContext.Seeded(1));
        var meaning = MadeLanguages.Draw(60, new RandomKey(1))[3];
        var source = tensor(model.Source(MadeLanguages.Say("E", meaning), "K")).unsqueeze(0);
        var target = tensor(model.Target(MadeLanguages.Say("K", meaning), "K")).unsqueeze(0);
        using var quiet = no_grad();
        var scores = model.Scores(source, target);

        var padding = zeros(1, 3, dtype: int64);
        var padded = model.Scores(cat([source, padding], 1), cat([target, padding], 1));
        var beginning = model.Scores(source, target.narrow(1, 0, 2));

        Assert.True(padded.narrow(1, 0, target.shape[1]).allclose(scores, 1e-4, 1e-5));
        Assert.True(beginning.allclose(scores.narrow(1, 0, 2), 1e-4, 1e-5));
        Assert.False(model.Scores(source.narrow(1, 1, 2), target).allclose(scores, 1e-4, 1e-5));
    }

    [Fact]
    public void Translate_Token_IsTheLikeliestAfterThoseBeforeIt()
    {
        using var model = (Tiny with { Epochs = 25, LearningRate = 0.005 }).Fit(Directions(60), FitContext.Seeded(1));
        var sources = MadeLanguages.Pairs("J", "E", MadeLanguages.Draw(20, new RandomKey(1))).Sources;

        var translations = model.Translate(sources, "E");

        using var quiet = no_grad();
        var ends = 0;
        for (var i = 0; i < sources.Count; i++)
        {
            var (source, made) = (model.Source(sources[i], "E"), model.Target(translations[i], "E"));
            var scores = model.Scores(tensor(source).unsqueeze(0), tensor(made).unsqueeze(0)).squeeze(0);
            // Padding, the start and the languages are never chosen; the end stands behind them.
            var likeliest = scores.narrow(1, 5, scores.shape[1] - 5).argmax(1) + 5;
            var length = made.Length - 1;
            for (var j = 0; j < length - 1; j++)
            {
                Assert.Equal(made[j + 1], likeliest[j].item<long>());
            }
            ends += likeliest[length - 1].item<long>() == made[^1] ? 1 : 0;
        }
        Assert.True(ends > 10, $"{ends} translations end by themselves"); // the others were cut off
    }

    [Fact]
    public void Fit_OfWordForWordTranslations_LearnsThem()
    {
        var random = new RandomKey(1).Random();
        string Sentence() =>
            string.Join(' ', Enumerable.Range(0, 1 + random.Next(4)).Select(_ => $"a{random.Next(5)}"));
        // The same words of the other language, from the last to the first.
        string Said(string sentence) => string.Join(' ', sentence.Split(' ').Reverse()).Replace('a', 'b');
        TranslationPairs Pairs(int count)
        {
            string[] sources = [.. Enumerable.Range(0, count).Select(_ => Sentence())];
            return new TranslationPairs("A", "B", sources, [.. sources.Select(Said)]);
        }
        var heard = new List<double>();
        var context = FitContext.Seeded(1) with { Progress = new Heard(heard.Add) };

        using var model = new MultilingualTranslation
        {
            Width = 32,
            Layers = 1,
            Epochs = 20,
            BatchSize = 16,
        }.Fit([Pairs(600)], context);

        var score = model.Score(Pairs(100));
        Assert.True(score.Exact > 0.9, $"{score}");
        Assert.Equal((0, 1), (heard[0], heard[^1]));
        Assert.Equal(heard.Order(), heard);
        Assert.Equal(["A", "B"], model.Languages);
        Assert.Equal(10, model.Tokens.Count);
    }

    [Theory]
    [InlineData(LanguageMark.Source)]
    [InlineData(LanguageMark.Translation)]
    [InlineData(LanguageMark.Both)]
    [InlineData(LanguageMark.None)]
    public void Fit_WithAMark_TellsLanguagesApartUnlessThereIsNone(LanguageMark mark)
    {
        using var model = (Tiny with { Mark = mark }).Fit(Directions(40), FitContext.Seeded(1));
        var sentence = MadeLanguages.Say("E", MadeLanguages.Draw(1, new RandomKey(1))[0]);

        var (ofJ, ofK) = (model.Source(sentence, "J"), model.Source(sentence, "K"));
        var (toJ, toK) = (model.Target(sentence, "J"), model.Target(sentence, "K"));

        Assert.Equal(mark is LanguageMark.Source or LanguageMark.Both, !ofJ.SequenceEqual(ofK));
        Assert.Equal(mark is LanguageMark.Translation or LanguageMark.Both, toJ[0] != toK[0]);
        Assert.Equal(toJ[1..], toK[1..]);
        if (mark == LanguageMark.None)
        {
            Assert.Equal(model.Translate([sentence], "J"), model.Translate([sentence], "K"));
        }
    }

    [Fact]
    public void Fit_Agreement_BringsBothSidesOfAPairTogether()
    {
        var meanings = MadeLanguages.Draw(120, new RandomKey(1))[60..]; // those of the pairs with J
        double Found(double agreement)
        {
            using var model = (Tiny with { Agreement = agreement, Epochs = 20 }).Fit(
                Directions(60),
                FitContext.Seeded(1)
            );
            using var quiet = no_grad();
            Tensor Encoded(string language, string to) =>
                nn.functional.normalize(
                    cat([
                        .. meanings.Select(it =>
                        {
                            var source = tensor(model.Source(MadeLanguages.Say(language, it), to)).unsqueeze(0);
                            return model.Network.Encode(source, TranslationNetwork.IsToken(source)).mean([1L]);
                        }),
                    ])
                );
            var nearest = Encoded("J", "E").matmul(Encoded("E", "J").t()).argmax(1);
            return nearest.eq(arange(60)).to(float32).mean().item<float>();
        }

        var (without, with) = (Found(0), Found(1));

        Assert.True(with > without + 0.2 && with > 0.4, $"{without:F2} without, {with:F2} with");
    }

    // Measured with 1,000 pairs a direction: see the page of the method.
    [LongFact]
    public void Translate_BetweenLanguagesNeverSeenTogether_IsOftenExactWhereControlsNeverAre()
    {
        var meanings = MadeLanguages.Draw(2200, new RandomKey(1));
        var pairs = Directions(1000);
        var unseen = meanings[2000..];
        double Exact(TranslationModel model, string from, string to) =>
            model.Score(MadeLanguages.Pairs(from, to, unseen)).Exact;

        using var model = new MultilingualTranslation { Epochs = 8 }.Fit(pairs, FitContext.Seeded(1));

        foreach (var direction in pairs)
        {
            var exact = Exact(model, direction.From, direction.To);
            Assert.True(exact > 0.9, $"{direction.From} to {direction.To}: {exact:F2}");
        }
        Assert.True(Exact(model, "J", "K") > 0.3, $"J to K: {Exact(model, "J", "K"):F2}");
        Assert.True(Exact(model, "K", "J") > 0.3, $"K to J: {Exact(model, "K", "J"):F2}");
        // Who is not told the language, and who never translated into it, cannot.
        using var untold = new MultilingualTranslation { Epochs = 8, Mark = LanguageMark.None }.Fit(
            pairs,
            FitContext.Seeded(1)
        );
        Assert.True(Exact(untold, "J", "K") < 0.02, $"untold: {Exact(untold, "J", "K"):F2}");
        using var never = new MultilingualTranslation { Epochs = 8 }.Fit(pairs[1..], FitContext.Seeded(1));
        Assert.True(Exact(never, "J", "K") < 0.02, $"K never a target: {Exact(never, "J", "K"):F2}");
        Assert.True(Exact(never, "K", "E") > 0.5);
    }

    [Fact]
    public void Fit_OfTheSameKey_GivesTheSameModelAndLeavesTheCallersGenerator()
    {
        Toy.SeedModules(7);
        var expected = rand(3);
        Toy.SeedModules(7);
        using var first = Tiny.Fit(Directions(40), FitContext.Seeded(1));
        var drawn = rand(3);
        using var second = Tiny.Fit(Directions(40), FitContext.Seeded(1));
        using var third = Tiny.Fit(Directions(40), FitContext.Seeded(2));
        var pairs = Directions(40)[0];

        Assert.True(drawn.equal(expected).all().item<bool>());
        Assert.Equal(first.Loss(pairs), second.Loss(pairs));
        Assert.NotEqual(first.Loss(pairs), third.Loss(pairs));
    }

    [Fact]
    public void Translate_Canceled_Stops()
    {
        using var model = Tiny.Fit(Directions(10), FitContext.Seeded(1));
        var (pairs, stop) = (Directions(10)[1], new CancellationToken(canceled: true));

        Assert.Throws<OperationCanceledException>(() => model.Translate(pairs.Sources, pairs.To, stop));
        Assert.Throws<OperationCanceledException>(() => model.Score(pairs, stop));
        Assert.Throws<OperationCanceledException>(() => model.Loss(pairs, stop));
    }

    [Fact]
    public void Load_OfASavedModel_TranslatesTheSame()
    {
        using var folder = new TemporaryFolder();
        using var model = (Tiny with { Mark = LanguageMark.Source }).Fit(Directions(60), FitContext.Seeded(1));
        var sentences = Directions(60)[2].Sources;
        model.Save(folder.File("model"));

        using var loaded = TranslationModel.Load(folder.File("model"));

        Assert.Equal(model.Translate(sentences, "K"), loaded.Translate(sentences, "K"));
        Assert.Equal(model.Loss(Directions(60)[1]), loaded.Loss(Directions(60)[1]));
        Assert.Equal(model.Languages, loaded.Languages);
        Assert.Equal(model.Tokens, loaded.Tokens);
    }

    [Fact]
    public void Load_OfAMarkThatIsUnknownHere_IsRefused()
    {
        using var folder = new TemporaryFolder();
        using (var state = StateBag.ForSaving())
        {
            foreach (var name in new[] { "width", "heads", "layers", "longest", "mark" })
            {
                var number = name == "mark" ? 9L : 4;
                state.Number(name, ref number);
            }
            var (dropout, words) = (0.1, "a b");
            state.Number("dropout", ref dropout);
            state.Text("languages", ref words);
            state.Text("tokens", ref words);
            state.Write(folder.File("model"));
        }

        var fault = Assert.Throws<InvalidDataException>(() => TranslationModel.Load(folder.File("model")));

        Assert.Contains("the rule 9", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_Canceled_StopsAndLeavesWhatADisposedModelLeaves()
    {
        using var stop = new CancellationTokenSource();
        var reports = 0;
        var context = new FitContext
        {
            Cancellation = stop.Token,
            Progress = new Heard(_ =>
            {
                if (++reports == 4)
                {
                    stop.Cancel();
                }
            }),
        };
        // TorchSharp leaves the tensors that its layers were made of.
        static long Left(Action act)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            var before = Tensor.TotalCount;
            act();
            return Tensor.TotalCount - before;
        }
        var usual = Left(() => Tiny.Fit(Directions(40)).Dispose());

        var left = Left(() => Assert.Throws<OperationCanceledException>(() => Tiny.Fit(Directions(40), context)));

        Assert.Equal((4, usual), (reports, left));
        using var already = new CancellationTokenSource();
        already.Cancel();
        var late = new FitContext { Cancellation = already.Token };
        Assert.Throws<OperationCanceledException>(() => Tiny.Fit(Directions(40), late));
    }

    [Fact]
    public void WhatDoesNotFit_IsNamed()
    {
        var pairs = Directions(40);
        string? Named(Action call) => Assert.ThrowsAny<ArgumentException>(call).ParamName;

        Assert.Equal("from", Named(() => _ = new TranslationPairs("a b", "c", ["x"], ["y"])));
        Assert.Equal("to", Named(() => _ = new TranslationPairs("a", "", ["x"], ["y"])));
        Assert.Equal("to", Named(() => _ = new TranslationPairs("a", "a", ["x"], ["y"])));
        Assert.Equal("targets", Named(() => _ = new TranslationPairs("a", "b", [], [])));
        Assert.Equal("targets", Named(() => _ = new TranslationPairs("a", "b", ["x"], ["y", "z"])));
        Assert.Equal("sources", Named(() => _ = new TranslationPairs("a", "b", [" "], ["y"])));
        Assert.Equal("pairs", Named(() => Tiny.Fit([])));
        Assert.Equal("pairs", Named(() => Tiny.Fit([pairs[0], pairs[0]])));
        Assert.Equal("Width", Named(() => (Tiny with { Width = 18, Heads = 4 }).Fit(pairs)));
        Assert.Equal("Dropout", Named(() => (Tiny with { Dropout = 1 }).Fit(pairs)));
        Assert.Equal("Agreement", Named(() => (Tiny with { Agreement = -1 }).Fit(pairs)));
        Assert.Equal("Epochs", Named(() => (Tiny with { Epochs = 0 }).Fit(pairs)));
        var model = Tiny.Fit(pairs);
        Assert.Equal("to", Named(() => model.Translate(["en1"], "D")));
        Assert.Equal("sentences", Named(() => model.Translate(["en1 what"], "K")));
        Assert.Equal("sentences", Named(() => model.Translate([""], "K")));
        Assert.Equal("pairs", Named(() => model.Loss(new TranslationPairs("E", "D", ["en1"], ["en2"]))));
        Assert.Equal("translations", Named(() => TranslationScore.Of([], [])));
        Assert.Equal("tokens", Named(() => TokenCrossEntropy.Of(zeros(1, 2, 3), zeros(1, 3, dtype: int64), 0)));
        Assert.Equal("scores", Named(() => TokenCrossEntropy.Of(zeros(1, 2), zeros(1, 2, dtype: int64), 0)));
        Assert.Empty(model.Translate([], "K"));
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Translate(["en1"], "K"));
    }

    public void Dispose() => scope.Dispose();

    /// <summary>English and each of the two others, both ways.</summary>
    private static TranslationPairs[] Directions(int count, long seed = 1)
    {
        var meanings = MadeLanguages.Draw(2 * count, new RandomKey(seed));
        var (toK, toJ) = (
            MadeLanguages.Pairs("E", "K", meanings[..count]),
            MadeLanguages.Pairs("E", "J", meanings[count..])
        );
        return [toK, toK.Reversed(), toJ, toJ.Reversed()];
    }

    private static Tensor Random(long seed, params long[] shape)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn(shape, dtype: float64, generator: generator);
    }

    private sealed class Heard(Action<double> hear) : IProgress<double>
    {
        public void Report(double value) => hear(value);
    }
}
