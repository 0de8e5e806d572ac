/// What one kernel file says, as a value; each conformer names its file and parses nothing else.
package protocol HostFile: Sendable, Equatable {
    /// Where the host's file is, or one of them.
    static var source: HostPath { get }

    /// Every place where such a file is read, which a capture copies: `*` stands for any name.
    static var places: [HostPath] { get }

    /// What a capture replaces in it.
    static var scrubbing: Scrubbing { get }

    /// Parses the whole content of the file; errors name it by `path`.
    init(parsing bytes: [UInt8], path: String) throws(HostFileError)
}

extension HostFile {
    package static var places: [HostPath] { [source] }
    package static var scrubbing: Scrubbing { .figures }

    package init(parsing bytes: [UInt8]) throws(HostFileError) {
        try self.init(parsing: bytes, path: Self.source.description)
    }

    package init(parsing text: String) throws(HostFileError) {
        try self.init(parsing: Array(text.utf8), path: Self.source.description)
    }
}

/// Every kernel file that is read whole.
package enum HostFiles {
    package static let all: [any HostFile.Type] = [
        AppArmorEnabled.self,
        Bond.self,
        BootID.self,
        BootTime.self,
        ConntrackCount.self,
        ConntrackLimit.self,
        ConntrackStat.self,
        CPUPressure.self,
        CPUTimes.self,
        DiskStats.self,
        FileHandles.self,
        FSTab.self,
        HostName.self,
        HungTaskCount.self,
        HungTaskTimeout.self,
        HungTaskWarnings.self,
        IOPressure.self,
        IPv4Addresses.self,
        IPv4ListenQueues.self,
        IPv4NeighbourCache.self,
        IPv4Routes.self,
        IPv6Addresses.self,
        IPv6ListenQueues.self,
        IPv6NeighbourCache.self,
        IPv6Routes.self,
        KernelParameter.self,
        KernelRelease.self,
        LoadAverage.self,
        LocalPortRange.self,
        MemInfo.self,
        MemoryPressure.self,
        MountInfo.self,
        MountTable.self,
        NeighbourLimit.self,
        NetSNMP.self,
        NetStat.self,
        NetworkDevices.self,
        PIDLimit.self,
        ProcessLimits.self,
        ProcessStat.self,
        ProcessStatus.self,
        ReservedPorts.self,
        RotationalFlag.self,
        SELinuxEnforce.self,
        SocketStat.self,
        SocketStat6.self,
        TCPMemory.self,
        ThreadLimit.self,
        Uptime.self,
        UserTable.self,
        VMStat.self,
    ]
}
