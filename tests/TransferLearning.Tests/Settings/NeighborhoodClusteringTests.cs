using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

public sealed class NeighborhoodClusteringTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_SomeRows_IsTheEntropyOverClassesMemoryAndBatch()
    {
        var features = tensor(
            new[,]
            {
                { 3.0, 0 },
                { 0, 2 },
            }
        );
        var scores = tensor(
            new[,]
            {
                { 1.0, -1 },
                { 0, 0.5 },
            }
        );
        var memory = tensor(
            new[,]
            {
                { 1.0, 0 },
                { 0.6, 0.8 },
                { 0, 1 },
            }
        ); // the batch's rows are 0 and 2
        var clustering = new NeighborhoodClustering { Temperature = 0.5, Epsilon = 0 };

        var entropy = clustering.Of(features, scores, tensor(new[] { 0L, 2 }), memory);

        static double Entropy(params double[] z)
        {
            var sum = z.Sum(Math.Exp);
            return -z.Sum(it => Math.Exp(it) / sum * (it - Math.Log(sum)));
        }
        // Scores, memory (own places -1/T), batch (itself -1/T, the other one at right angles).
        var first = Entropy(1, -1, -2, 0.6 / 0.5, -2, -2, 0);
        var second = Entropy(0, 0.5, -2, 0.8 / 0.5, -2, 0, -2);
        Assert.Equal((first + second) / 2, entropy.item<double>(), 1e-12);
        Assert.Equal(entropy, clustering.Of(features * 7, scores, tensor(new[] { 0L, 2 }), memory));
    }

    [Fact]
    public void OnStepped_WithMomentum_MixesRowsOfLengthOne()
    {
        var same = nn.Identity().AsPart();
        var clustering = new NeighborhoodClustering { Momentum = 0.5 };
        var domains = new DomainSet([], new UnlabeledDomain(ones(1, 2)));
        var view = new TrainingView(domains, same, same, 0, 0, 0, new RandomKey(1));
        void Step(float x, float y)
        {
            var features = tensor(new[] { x, y }).unsqueeze(0);
            var target = new UnlabeledBatch(features, DomainId.Target, arange(1, dtype: int64));
            var step = StepContext.For(new StepBatch([], target), same, same);
            clustering.Evaluate(step);
            clustering.OnStepped(view, step);
        }

        clustering.OnStart(view);
        Step(3, 4); // remembered as (0.6, 0.8)
        Step(10, 0); // (1, 0); half of each is (0.8, 0.4), of length sqrt(0.8)
        using var saving = StateBag.ForSaving();
        clustering.Exchange(saving);
        clustering.OnEnd();

        Tensor? memory = null;
        using var loading = saving.Continue();
        loading.Slot("memory", ref memory);
        Assert.True(memory!.allclose(tensor(new[] { 0.8944272f, 0.4472136f }).unsqueeze(0), 1e-6, 1e-6));
        memory.Dispose();
    }

    [Fact]
    public void Of_EntropySeparation_LeavesTheMiddleAloneAndPartsTheRest()
    {
        var term = new EntropySeparation { Margin = 0.3, Epsilon = 0 };
        var middle = 0.5 * Math.Log(4);
        Tensor Rows(params double[] first) => tensor(first).unsqueeze(0);
        double H(Tensor z) => -(z.softmax(1) * z.log_softmax(1)).sum().item<double>();
        var (sure, between) = (Rows(5, 0, 0, 0), Rows(2.2, 0, 0, 0));
        Assert.True(Math.Abs(H(between) - middle) < 0.3);

        Assert.Equal(-(middle - H(sure)), term.Of(sure).item<double>(), 1e-12);
        Assert.Equal(-0.3, term.Of(between).item<double>(), 1e-12);
        double Slope(Tensor z)
        {
            var free = z.clone().requires_grad_();
            var slope = autograd.grad([term.Of(free)], [free])[0];
            return slope[0, 0].item<double>();
        }
        Assert.True(Slope(sure) < 0); // surer still
        Assert.True(Slope(Rows(0.5, 0, 0, 0)) > 0); // more even still
        Assert.Equal(0, Slope(between));
    }

    [Fact]
    public void Fit_StoppedAndResumed_GivesTheBitsOfAnUninterruptedRun()
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1 };
        var expected = InterruptedTraining.Run(new NeighborhoodClustering());

        Assert.Null(InterruptedTraining.Run(new NeighborhoodClustering(), checkpoints, stopAfter: 13));
        var resumed = InterruptedTraining.Run(
            new NeighborhoodClustering(),
            checkpoints with
            {
                Resume = ResumeMode.Required,
            }
        );

        Assert.Equal(expected, resumed);
        Assert.NotEqual(InterruptedTraining.Run(null), expected);
        Assert.NotEqual(InterruptedTraining.Run(new NeighborhoodClustering { Momentum = 0.9 }), expected);
    }

    [Fact]
    public void Of_RowsOfAnotherWidth_AreRefused()
    {
        var clustering = new NeighborhoodClustering();
        Assert.Throws<ArgumentException>(() => clustering.Of(ones(2, 3), ones(2, 2), arange(2), ones(4, 5)));
    }

    public void Dispose() => scope.Dispose();
}
