using TorchSharp.PyBridge;
using TransferLearning.Tests.Support;
using TransferLearning.Vision;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Vision;

/// <summary>Features that are computed once.</summary>
public sealed class FeatureStoreTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder work = new();
    private readonly Backbone network = Backbones.SqueezeNet(until: "features.2");
    private readonly ImageFolderOptions small = new() { Size = 32 };

    public FeatureStoreTests()
    {
        for (var i = 0; i < 5; i++)
        {
            Pictures.Write(work.File($"images/{(i < 2 ? "cat" : "dog")}/{i}.png"), 30 + i, 40);
        }
    }

    [Fact]
    public void Features_AskedAgain_ComeFromDisk()
    {
        var (store, images) = (new FeatureStore(work.File("store")), ImageFolder.Open(work.File("images"), small));

        var features = store.Features(network, images, batchSize: 2);
        var file = Assert.Single(Directory.GetFiles(work.File("store")));
        var written = File.GetLastWriteTimeUtc(file);
        var again = store.Labeled(network, images);

        network.eval();
        Assert.True(features.allclose(network.call(images.Read(arange(0, 5))), 1e-5, 1e-6));
        Assert.Equal(features, again.Inputs);
        Assert.Equal([0L, 0, 1, 1, 1], again.Labels.data<long>().ToArray());
        Assert.Equal(written, File.GetLastWriteTimeUtc(file));
        Assert.False(features.requires_grad);
    }

    [Fact]
    public void Features_OnDisk_AreASafetensorsFileThatOthersRead()
    {
        var images = ImageFolder.Open(work.File("images"), small);
        var features = new FeatureStore(work.File("store")).Features(network, images);

        var file = Assert.Single(Directory.GetFiles(work.File("store")));
        var read = Safetensors.LoadStateDict(file);

        Assert.EndsWith(".safetensors", file, StringComparison.Ordinal);
        Assert.Equal(features, read["features"]);
    }

    [Fact]
    public void Features_OfChangedCauses_AreComputedAnew()
    {
        var store = new FeatureStore(work.File("store"));
        var images = ImageFolder.Open(work.File("images"), small);
        using var first = store.Features(network, images);

        using (no_grad())
        {
            network.parameters().First().add_(1);
        }
        var other = store.Features(network, images);
        store.Features(network, ImageFolder.Open(work.File("images"), small with { Size = 40 }));
        Pictures.Write(work.File("images/cat/0.png"), 90, 40);
        store.Features(network, ImageFolder.Open(work.File("images"), small));

        Assert.False(first.allclose(other));
        Assert.Equal(4, Directory.GetFiles(work.File("store")).Length);
    }

    [Fact]
    public void Features_Canceled_EndAndReportWhatWasDone()
    {
        var (store, images) = (new FeatureStore(work.File("store")), ImageFolder.Open(work.File("images"), small));
        using var stop = new CancellationTokenSource();
        var seen = new Seen(_ => stop.Cancel());

        Assert.Throws<OperationCanceledException>(() =>
            store.Features(network, images, batchSize: 1, seen, stop.Token)
        );

        Assert.Equal([(1L, 5L)], seen.Reports);
        Assert.Equal(5, store.Features(network, images).shape[0]);
    }

    [Fact]
    public void Features_ComputedAndRead_ReportEveryBatchOnce()
    {
        var (store, images) = (new FeatureStore(work.File("store")), ImageFolder.Open(work.File("images"), small));
        var (computed, read) = (new Seen(_ => { }), new Seen(_ => { }));

        store.Features(network, images, batchSize: 2, computed);
        store.Features(network, images, batchSize: 2, read);

        Assert.Equal([(2L, 5L), (4L, 5L), (5L, 5L)], computed.Reports);
        Assert.Equal([(5L, 5L)], read.Reports);
    }

    [Fact]
    public void Features_ThatCannotGetTheirName_LeaveNoFileBehind()
    {
        var (store, images) = (new FeatureStore(work.File("store")), ImageFolder.Open(work.File("images"), small));
        store.Features(network, images);
        var file = Assert.Single(Directory.GetFiles(work.File("store")));
        File.Delete(file);
        Directory.CreateDirectory(file);

        Assert.NotNull(Record.Exception(() => store.Features(network, images)));

        Assert.Empty(Directory.GetFiles(work.File("store")));
    }

    [Fact]
    public void Features_OfADamagedFile_AreComputedAnew()
    {
        var (store, images) = (new FeatureStore(work.File("store")), ImageFolder.Open(work.File("images"), small));
        var features = store.Features(network, images);
        var file = Assert.Single(Directory.GetFiles(work.File("store")));
        var whole = File.ReadAllBytes(file);

        foreach (var broken in new[] { [], whole[..(whole.Length / 2)], [.. whole[..^1], (byte)~whole[^1]] })
        {
            File.WriteAllBytes(file, broken);

            Assert.Equal(features, store.Features(network, images));
            Assert.Equal(whole, File.ReadAllBytes(file));
        }
    }

    [Fact]
    public void Features_OnSeveralThreads_AreTheSame()
    {
        var images = ImageFolder.Open(work.File("images"), small);
        network.eval();
        using var expected = new FeatureStore(work.File("other")).Features(network, images);

        for (var round = 0; round < 5; round++)
        {
            var store = new FeatureStore(work.File($"store{round}"));
            var ready = new CountdownEvent(4);
            var threads = Enumerable
                .Range(0, 4)
                .Select(_ =>
                    Task.Factory.StartNew(
                        () =>
                        {
                            ready.Signal();
                            ready.Wait();
                            using var features = store.Features(network, images);
                            return features.Equals(expected);
                        },
                        TestContext.Current.CancellationToken,
                        TaskCreationOptions.LongRunning,
                        TaskScheduler.Default
                    )
                )
                .ToArray();

            Assert.All(threads, thread => Assert.True(thread.Result));
            Assert.Single(Directory.GetFiles(work.File($"store{round}")));
        }
    }

    [Fact]
    public void Features_OfANetworkInDouble_HaveItsPrecision()
    {
        var images = ImageFolder.Open(work.File("images"), small);
        var store = new FeatureStore(work.File("store"));
        var single = store.Features(network, images);
        network.to(float64);

        var features = store.Features(network, images);

        Assert.Equal(ScalarType.Float64, features.dtype);
        Assert.True(features.to(float32).allclose(single, 1e-4, 1e-5));
    }

    [Fact]
    public void Features_OfANetworkThatGivesImages_AreRefused()
    {
        var (store, images) = (new FeatureStore(work.File("store")), ImageFolder.Open(work.File("images"), small));

        Assert.Throws<ArgumentException>(() => store.Features(nn.Identity(), images));
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Features(network, images, batchSize: 0));
        Assert.Empty(Directory.GetFiles(work.File("store")));
    }

    public void Dispose()
    {
        network.Dispose();
        scope.Dispose();
        work.Dispose();
    }

    private sealed class Seen(Action<(long Done, long Of)> then) : IProgress<(long Done, long Of)>
    {
        public List<(long Done, long Of)> Reports { get; } = [];

        public void Report((long Done, long Of) value)
        {
            Reports.Add(value);
            then(value);
        }
    }
}
