using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

public sealed class OneVersusAllTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // Three classes: logits of "not of it", then of "of it".
    private readonly Tensor heads = tensor(
        new[,]
        {
            { 0.5, 1, -2, 1.5, 0.2, -1 },
            { 2, 0, 1, -1, 0.5, 3 },
        }
    );

    [Fact]
    public void Of_SomeRows_IsTheirOwnClassAndTheHardestOther()
    {
        static double In(double no, double yes) => Math.Log(1 + Math.Exp(no - yes));
        static double Out(double no, double yes) => Math.Log(1 + Math.Exp(yes - no));
        var first = In(0.5, 1.5) + Math.Max(Out(1, 0.2), Out(-2, -1));
        var second = In(0, 0.5) + Math.Max(Out(2, -1), Out(1, 3));
        var labels = tensor(new[] { 0L, 1 });

        Assert.Equal((first + second) / 4, OneVersusAll.Of(heads, labels).item<double>(), 1e-12);
        Assert.Equal(
            ((0.5 * first) + (1.5 * second)) / 4,
            OneVersusAll.Of(heads, labels, tensor(new[] { 0.5, 1.5 })).item<double>(),
            1e-12
        );
        Assert.Equal(
            In(0.5, 1) / 2,
            OneVersusAll.Of(heads.narrow(0, 0, 1).narrow(1, 0, 2), zeros(1, int64)).item<double>(),
            1e-12
        );
    }

    [Fact]
    public void Of_EntropyOfEvenAndSureHeads_IsLogTwoAndNothing()
    {
        Assert.Equal(Math.Log(2), OneVersusAllEntropy.Of(zeros(3, 4, dtype: float64)).item<double>(), 1e-12);
        Assert.Equal(
            0,
            OneVersusAllEntropy
                .Of(
                    tensor(
                        new[,]
                        {
                            { 90.0, -90, -90, 90 },
                        }
                    )
                )
                .item<double>(),
            1e-12
        );
        var p = (heads.narrow(1, 3, 3) - heads.narrow(1, 0, 3)).sigmoid();
        var expected = -((p * p.log()) + ((1 - p) * (1 - p).log())).mean();
        Assert.Equal(expected.item<double>(), OneVersusAllEntropy.Of(heads).item<double>(), 1e-12);
    }

    [Fact]
    public void Margin_OfTheRule_IsOfTheBestClassesHead()
    {
        var rule = new OneVersusAllRule(new Given(heads));
        var logs = tensor(
                new[,]
                {
                    { 0.7, 0.2, 0.1 },
                    { 0.1, 0.1, 0.8 },
                }
            )
            .log();

        Assert.Equal([0.5 - 1.5, 1 - 3], rule.Margin(zeros(2, 1), logs).data<double>().ToArray());
        Assert.Throws<ArgumentException>(() => rule.Margin(zeros(2, 1), logs.narrow(1, 0, 2)));
    }

    [Fact]
    public void Of_WhatIsNoPairOfLogitsAClass_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => OneVersusAll.Of(zeros(2, 5), zeros(2, int64)));
        Assert.Throws<ArgumentException>(() => OneVersusAll.Of(zeros(2, 6), zeros(2, 3)));
        Assert.Throws<ArgumentException>(() => OneVersusAllEntropy.Of(zeros(2, 5)));
    }

    [Fact]
    public void TellOneVersusAll_Training_MovesTheHeadsInTheMainPhase()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var open = Toy.Predictor(classes: 4);

        var training = new NetworkTraining(extractor, predictor).TellOneVersusAll(open);

        Assert.Equal([extractor, predictor, open], training.Main.Moved);
        Assert.Equal([1, 0.1], training.Main.Objectives.Select(term => term.Weight.At(0.5)));
    }

    public void Dispose() => scope.Dispose();

    private sealed class Given(Tensor scores) : ILabelPredictor
    {
        public Tensor Predict(Tensor features) => scores.clone();
    }
}
